"""The verbs of the command line as a table in Markdown, so that docs/command-line.md shows what the code reads.

`python -m tenfour.dispatch.cheat_card` prints it.
"""

from tenfour.dispatch.command_verb import VERBS, Verb


def table() -> str:
    """All verbs, one a row."""
    head = ["| verb | also | line | what it does | example |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(verb) for verb in VERBS)]) + "\n"


def _row(verb: Verb) -> str:
    also = " ".join(f"`{spelling}`" for spelling in verb.spellings[1:])
    return f"| `{verb.name}` | {also} | `{verb.pattern}` | {verb.help} | `{verb.example}` |"


if __name__ == "__main__":
    print(table(), end="")
