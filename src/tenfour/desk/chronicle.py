"""The story of each call and incident, in lines: what the record says, in words.

Lines are made once, when a fact is on disk. The story of something long finished is read from the journal when somebody
asks for it.
"""

from collections.abc import Callable, Iterable, Sequence

from tenfour.desk.narrative import tell
from tenfour.desk.view import NarrativeView
from tenfour.vocabulary.envelope import Access, Recorded
from tenfour.vocabulary.ids import CallId, IncidentId, StreamName, UnitId, call_stream, incident_stream
from tenfour.workflow.world import World


class Chronicle:
    """Lines by the stream they belong to. A unit's doings belong to the incident it is on."""

    def __init__(self, name_of: Callable[[str], str], label_of: Callable[[str, str], str]) -> None:
        self._name_of, self._label_of = name_of, label_of
        self._lines: dict[StreamName, list[tuple[Access, NarrativeView]]] = {}
        self._told: dict[StreamName, int] = {}
        self._whole: set[StreamName] = set()

    def add(self, records: Iterable[Recorded], world: World, only: frozenset[StreamName] | None = None) -> None:
        """Tell what was recorded, in order; `world` holds it already. `only`: what belongs to these streams."""
        for record in records:
            stream = self._belongs(record, world)
            if stream is None or (only is not None and stream not in only) or record.seq <= self._told.get(stream, 0):
                continue
            self._told[stream] = record.seq
            if record.header.stream == stream and record.header.version == 1:
                self._whole.add(stream)
            line = tell(record, world, self._name_of, self._label_of)
            if line is not None:
                self._lines.setdefault(stream, []).append((record.header.access, line))

    def of_incident(
        self, incident_id: IncidentId, calls: Sequence[CallId], reads: frozenset[Access]
    ) -> tuple[NarrativeView, ...]:
        """The story of an incident with its calls, in the order things happened: what a reader may read."""
        streams = [incident_stream(incident_id), *(call_stream(call) for call in calls)]
        told = (line for stream in streams for line in self._lines.get(stream, ()))
        return tuple(sorted((line for access, line in told if access in reads), key=lambda line: (line.at, line.seq)))

    def lines_of(
        self, records: Iterable[Recorded], world: World, reads: frozenset[Access]
    ) -> tuple[NarrativeView, ...]:
        """Any facts in words, kept nowhere: what a reader may read."""
        told = (tell(r, world, self._name_of, self._label_of) for r in records if r.header.access in reads)
        return tuple(line for line in told if line is not None)

    def lacks(self, stream: StreamName) -> bool:
        """Is the story not known from its beginning?"""
        return stream not in self._whole

    def told(self, stream: StreamName) -> int:
        """The last journal position told of a stream."""
        return self._told.get(stream, 0)

    def keep(self, streams: frozenset[StreamName]) -> None:
        """Let go of all stories but these."""
        self.forget([stream for stream in self._told if stream not in streams])

    def forget(self, streams: Iterable[StreamName]) -> None:
        """Let go of stories; they are read again when somebody asks."""
        for stream in streams:
            self._lines.pop(stream, None)
            self._told.pop(stream, None)
            self._whole.discard(stream)

    def _belongs(self, record: Recorded, world: World) -> StreamName | None:
        kind, _, name = record.header.stream.partition("/")
        if kind in ("call", "incident"):
            return record.header.stream
        if record.event is None or kind not in ("unit", "exhibit", "release", "visit"):
            return None
        incident = getattr(record.event, "incident_id", None)
        unit = world.units.get(UnitId(name))
        incident = incident or (unit.incident_id if unit else None)
        return incident_stream(incident) if incident else None
