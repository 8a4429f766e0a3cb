"""MSRP in a session description: `m=message` with a path and the types that are taken (RFC 4975 section 8)."""

import msgspec

from tenfour.telephony.msrp import session_of
from tenfour.telephony.sdp import Media, Sdp

PROTOCOL = "TCP/MSRP"
PLAIN, WRAPPED = "text/plain", "message/cpim"


class MsrpOffer(msgspec.Struct, frozen=True):
    """Where the other side takes messages. `wrapped`: it takes text only in CPIM."""

    path: str
    wrapped: bool = False


def msrp_of(sdp: Sdp) -> MsrpOffer | None:
    """The first session in a description that we can wait for, None where there is none."""
    found = _usable(sdp)
    return found[1] if found is not None else None


def taken_msrp(offered: Sdp, path: str, port: int) -> dict[int, Media]:
    """Our side of the session that is taken, by its place among the offered media; they connect (RFC 6135)."""
    found = _usable(offered)
    if found is None:
        return {}
    attributes = (("accept-types", f"{PLAIN} {WRAPPED}"), ("path", path), ("setup", "passive"))
    return {found[0]: Media("message", port, PROTOCOL, ("*",), "", attributes)}


def _usable(sdp: Sdp) -> tuple[int, MsrpOffer] | None:
    for place, medium in enumerate(sdp.media):
        offer = _offer(medium)
        if offer is not None:
            return place, offer
    return None


def _offer(medium: Media) -> MsrpOffer | None:
    """Whoever wants to wait himself is not for us: we place no connections."""
    path = (medium.attribute("path") or "").strip()
    types = (medium.attribute("accept-types") or "").lower().split()
    is_plain = not {PLAIN, "text/*", "*"}.isdisjoint(types)
    waits = (medium.attribute("setup") or "active").strip().lower() == "passive"
    takes_text = is_plain or WRAPPED in types
    if medium.kind != "message" or medium.protocol.upper() != PROTOCOL or not medium.port or waits or not takes_text:
        return None
    return MsrpOffer(path, not is_plain) if session_of(path.split()[-1] if path else "") else None
