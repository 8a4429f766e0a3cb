"""What the rows are made from: the world as it is on disk, the policy, and the few words that are not in either."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from tenfour.calltaking.third_party import Listed
from tenfour.desk.chronicle import Chronicle
from tenfour.desk.live_captions import LiveCaptions
from tenfour.desk.port import Places
from tenfour.location.door import EarlierCall
from tenfour.vocabulary.envelope import Access
from tenfour.vocabulary.ids import AgencyId, CallId, IncidentId, PersonId
from tenfour.vocabulary.place import Point
from tenfour.workflow.policy import Policy
from tenfour.workflow.world import World


@dataclass(frozen=True)
class Scene:
    """Everything a row needs, at one moment.

    `reads`: the access classes of who looks. `people`: person id to name.
    `earlier`: other incidents that were at an address (by its id) before.
    """

    world: World
    policy: Policy
    now: datetime
    zone: ZoneInfo
    people: Mapping[PersonId, str]
    agencies: Mapping[AgencyId, str]
    places: Places
    beat_of: Callable[[Point], str | None]
    earlier: Callable[[str, IncidentId], tuple[EarlierCall, ...]]
    chronicle: Chronicle
    captions: Callable[[CallId], LiveCaptions | None]
    line_connected: bool
    places_calls: bool
    reads: frozenset[Access]
    outside: Mapping[str, Listed] = field(default_factory=dict)
    """Whom the settings list as third parties, by name."""

    @property
    def seq(self) -> int:
        """The journal position all this was true at."""
        return self.world.seq

    def time(self, at: datetime) -> str:
        """The time of day in the centre's zone, as people say it: `16:41:37`."""
        return f"{at.astimezone(self.zone):%H:%M:%S}"

    def day(self, at: datetime) -> str:
        """The day in the centre's zone: `2 Nov`."""
        local = at.astimezone(self.zone)
        return f"{local.day} {local:%b}"

    def person(self, person_id: str) -> str:
        """The name of a person; the id where nobody knows the name."""
        return self.people.get(PersonId(person_id), person_id)
