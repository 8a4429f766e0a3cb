"""What holds whatever the bytes are."""


class LawBroken(Exception):
    """An input made something happen that must never happen."""


def must(holds: bool, law: str) -> None:
    """Raises `LawBroken` where the law does not hold."""
    if not holds:
        raise LawBroken(law)
