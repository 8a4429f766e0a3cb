"""Who appears in a story: callers with their telephones, people of the centre, units."""

import msgspec

from tenfour.play.fix import Fix


class Caller(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A caller and the telephone in his hand.

    `number` is what is delivered (P-Asserted-Identity), `telephone` says in words what it is. `transport` is `UDP` or
    `TCP`. `class_of_service` (`RES`, `BUS`, `WPH1`, `WPH2`, `VOIP`; empty: not said) travels in the call as a
    ServiceInfo block, `location` as a document; `rebids` are what the location server answers when it is asked
    again, one after the other, the last one for ever. `called` is the number that is called (empty: the emergency
    service), such as an administrative line of the centre. `clips` names sound files (8 kHz mono 16 bit WAV) beside
    the story. `text`: how the caller types, `rtt` (real-time text, RFC 4103), `tty` (tones), or not at all (empty);
    every `loses_every`th packet of real-time text is lost (0: none). `languages` are offered for each medium, the
    first preferred (RFC 8373). `voice_hz`: the voice is this tone, which sounds wherever no clip is said (0: silence).
    `refers`: the telephone calls somebody else when it is asked to (REFER); many do not.
    """

    name: str
    number: str
    telephone: str = ""
    transport: str = "UDP"
    class_of_service: str = ""
    location: Fix | None = None
    rebids: tuple[Fix, ...] = ()
    called: str = ""
    clips: dict[str, str] = {}
    text: str = ""
    loses_every: int = 0
    languages: tuple[str, ...] = ()
    voice_hz: int = 0
    refers: bool = True


class Person(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody at work in the centre: `person` as the centre names them, in a `role`, perhaps at a `position`.

    `voice_hz`: in a headset the voice is this tone (0: silence).
    """

    name: str
    person: str
    role: str = "call_taker"
    position: str | None = None
    voice_hz: int = 0


class Crew(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A unit of the centre that the player drives; `person` is who holds its tablet."""

    unit: str
    person: str


class Party(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody outside whom the centre calls or passes calls on to: `known_as` what the centre's settings call them.

    `answers_to`: the part before the @ of the URI in those settings. `voice_hz`: the voice is this tone (0: silence).
    """

    name: str
    known_as: str
    answers_to: str
    voice_hz: int = 0
