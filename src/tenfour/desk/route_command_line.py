"""The command line: what a line means, carrying it out, and its table of verbs."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from litestar import get, post
from litestar.params import JSONBody

from tenfour.desk.command_deed import QUESTIONS, deed_of, rehearse
from tenfour.desk.command_scene import context_of
from tenfour.desk.command_undo import Undo, undo_of
from tenfour.desk.desk import Desk
from tenfour.desk.feed import Feed
from tenfour.desk.given import GivenDesk, GivenFeed, GivenPrincipal, Key
from tenfour.desk.ledger import Done
from tenfour.desk.permission import Permission
from tenfour.desk.principal import Principal
from tenfour.desk.request import CommandLine, ReadLine
from tenfour.desk.story import tell_whole
from tenfour.desk.unit_history import history_of
from tenfour.desk.view import CompletionView, EchoView, LineDoneView, PartView, ReadingView, VerbView
from tenfour.dispatch.command_context import Context
from tenfour.dispatch.command_instruction import Instruction, sentence
from tenfour.dispatch.command_line import MOST_SHOWN, Reading, read
from tenfour.dispatch.command_verb import VERBS, Act, Verb
from tenfour.vocabulary.errors import BadInput, TenfourError
from tenfour.workflow.reaction import Draft
from tenfour.workflow.world import World

PATH = "/api/command-line"
SHOWN_HISTORY = 12
REFUSED = "refused"


@post(f"{PATH}/read", summary="What a command line means", tags=["command line"], status_code=200)
async def read_line(
    desk: GivenDesk, feed: GivenFeed, principal: GivenPrincipal, data: JSONBody[ReadLine]
) -> ReadingView:
    """What was understood and what was not, what Enter would do or why it would be refused, and what may be typed.

    Nothing is done. Offsets count code points.
    """
    context = _context(desk, feed, principal, data)
    reading = read(data.text, context, data.caret)
    state, problem, consequence = reading.state.value, reading.problem, ""
    if reading.instruction is not None:
        try:
            deed = deed_of(reading.instruction, context, desk, principal)
            if deed is not None:
                consequence = deed.consequence
                rehearse(deed, desk)
        except TenfourError as error:
            state, problem = REFUSED, str(error)
    return _view(reading, state, problem, consequence)


@post(PATH, summary="Carry a command line out", tags=["command line"], status_code=200)
async def carry_out(
    desk: GivenDesk, feed: GivenFeed, principal: GivenPrincipal, data: JSONBody[CommandLine], key: Key = None
) -> LineDoneView:
    """All of it or nothing, by the decisions that the buttons make, with the permissions that they need.

    400 for a line that is not complete: what was understood and what was not, and nothing was done.
    """
    context = _context(desk, feed, principal, data)
    reading = read(data.text, context)
    asked = reading.instruction
    if asked is not None and asked.act in QUESTIONS:
        deed_of(asked, context, desk, principal)
        return await _answer(asked, context, desk, principal)
    deed = deed_of(asked, context, desk, principal) if asked is not None else None

    def decide(world: World, now: datetime) -> Iterable[Draft]:
        if deed is None:
            raise BadInput(f"{reading.problem or 'The line is empty.'} Nothing was done.")
        return deed.decide(world, now)

    done = await desk.do(principal, key, deed.stream if deed else None, decide)
    return await _told(asked, context, done, desk, principal)


@get(f"{PATH}/help", summary="The verbs of the command line", tags=["command line"])
async def command_line_help() -> tuple[VerbView, ...]:
    """The table that the reading, the help and the cheat card are made from. Needs no login."""
    return _verbs(VERBS)


def _context(desk: Desk, feed: Feed, principal: Principal, data: CommandLine) -> Context:
    principal.require(Permission.READ_BOARD)
    return context_of(desk, feed.on_board.incidents, incident_id=data.incident_id, unit_id=data.unit)


# ---- answers ----


async def _answer(asked: Instruction, context: Context, desk: Desk, principal: Principal) -> LineDoneView:
    """Of a question, which records nothing."""
    history = await history_of(desk, principal, asked.units[0], SHOWN_HISTORY) if asked.act is Act.HISTORY else ()
    selected = asked.act is Act.SELECT
    verbs = [verb for verb in VERBS if asked.act is Act.HELP and asked.about in ("", verb.name)]
    number = context.incidents[asked.number].incident_id if asked.number is not None else None
    return LineDoneView(
        act=asked.act.value,
        words=sentence(asked, context, done=True),
        undo="",
        undo_words="",
        incidents=(desk.incident(principal.reads, number),) if selected and number else (),
        units=(),
        history=history,
        verbs=_verbs(verbs),
        select_incident=number if selected else None,
        select_unit=asked.units[0] if selected and asked.units else None,
    )


async def _told(
    asked: Instruction | None, context: Context, done: Done, desk: Desk, principal: Principal
) -> LineDoneView:
    """What was recorded. Without an instruction the line was carried out before, and means nothing any more."""
    names = dict.fromkeys(header.stream.partition("/")[::2] for header in done.headers)
    incidents = [name for kind, name in names if kind == "incident"]
    for incident_id in incidents:
        await tell_whole(desk.ledger, desk.chronicle, incident_id)
    rows = tuple(desk.incident(principal.reads, name) for name in incidents)
    opened = rows[0].number if asked is not None and asked.act is Act.SELF_INITIATE and rows else None
    undo = undo_of(asked, context, opened) if asked is not None else Undo()
    return LineDoneView(
        act=asked.act.value if asked is not None else "",
        words=_said(asked, context, opened),
        undo=undo.line,
        undo_words=undo.words,
        incidents=rows,
        units=tuple(desk.unit(principal.reads, name) for kind, name in names if kind == "unit"),
        history=(),
        verbs=(),
        select_incident=rows[0].incident_id if opened is not None else None,
        select_unit=None,
    )


def _said(asked: Instruction | None, context: Context, opened: int | None) -> str:
    if asked is None:
        return "This line was carried out before."
    said = sentence(asked, context, done=True)
    return f"{said}: it is {opened}." if opened is not None else f"{said.rstrip('.')}."


def _view(reading: Reading, state: str, problem: str, consequence: str) -> ReadingView:
    return ReadingView(
        text=reading.text,
        state=state,
        parts=tuple(PartView(one.start, one.end, one.kind.value, one.words) for one in reading.parts),
        echo=tuple(EchoView(one.kind, one.name, one.words, one.letter) for one in reading.echo),
        sentence=reading.sentence,
        problem=problem,
        missing=reading.missing,
        not_understood=reading.not_understood[:MOST_SHOWN],
        consequence=consequence,
        said=reading.said,
        completions=tuple(
            CompletionView(one.start, one.end, one.text, one.words, one.letter) for one in reading.completions
        ),
        expects=reading.expects,
        canonical=reading.canonical,
    )


def _verbs(verbs: Sequence[Verb]) -> tuple[VerbView, ...]:
    return tuple(VerbView(one.spellings, one.pattern, one.help, one.example) for one in verbs)


ROUTES = (read_line, carry_out, command_line_help)
