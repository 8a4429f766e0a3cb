"""Which languages somebody says and understands (RFC 8373): offered by each medium, and answered with one of them."""

from collections.abc import Sequence
from itertools import chain, repeat

import msgspec

from tenfour.telephony.sdp import Media, Sdp
from tenfour.telephony.secured_sdp import Attribute

MOST_TAGS = 16
LONGEST_TAG = 35
"""Characters of a language tag (RFC 5646 section 4.4.1)."""


class LanguageOffer(msgspec.Struct, frozen=True):
    """What one medium says. `send`, `receive`: language tags as its writer prefers them.

    `any_will_do`: without a language in common the call is wanted all the same (the asterisk of RFC 8373, 5.1).
    """

    medium: str
    send: tuple[str, ...] = ()
    receive: tuple[str, ...] = ()
    any_will_do: bool = False


def language_offers(sdp: Sdp) -> tuple[LanguageOffer, ...]:
    """What each medium of a description that names a language says of it."""
    offers = map(language_offer, sdp.media)
    return tuple(offer for offer in offers if offer is not None)


def language_offer(medium: Media) -> LanguageOffer | None:
    """What a medium says; None where it names no language. Words that are no language tags are passed over."""
    send, receive = _words(medium, "hlang-send"), _words(medium, "hlang-recv")
    tags = (tuple(filter(_is_tag, send))[:MOST_TAGS], tuple(filter(_is_tag, receive))[:MOST_TAGS])
    if not any(tags):
        return None
    return LanguageOffer(medium.kind, *tags, any_will_do="*" in (*send, *receive))


def answered_languages(medium: Media, spoken: Sequence[str]) -> tuple[Attribute, ...]:
    """What our answer in this medium says: for each direction one language, theirs where we speak it, else our first.

    `spoken`: the centre's languages as it prefers them; where there are none nothing is said.
    """
    offered = language_offer(medium)
    if offered is None or not spoken:
        return ()
    ours = (("hlang-send", offered.receive), ("hlang-recv", offered.send))
    return tuple((name, _chosen(tags, spoken)) for name, tags in ours if tags)


def chosen_languages(offer: LanguageOffer, spoken: Sequence[str]) -> tuple[str, ...]:
    """What we say and what we understand of an offer, as far as it asks."""
    return tuple(_chosen(tags, spoken) for tags in (offer.receive, offer.send) if tags and spoken)


def with_languages(answer: Sdp, offered: Sdp, spoken: Sequence[str]) -> Sdp:
    """The answer, with our languages in each medium that is taken; of a medium that is our own offer nobody asks."""
    media = tuple(
        msgspec.structs.replace(ours, attributes=(*ours.attributes, *answered_languages(theirs, spoken)))
        if theirs is not None and ours.port
        else ours
        for ours, theirs in zip(answer.media, chain(offered.media, repeat(None)), strict=False)
    )
    return msgspec.structs.replace(answer, media=media)


def _chosen(tags: Sequence[str], spoken: Sequence[str]) -> str:
    """The first of theirs that is the same language as one of ours, whatever the region (RFC 4647 section 3.3.1)."""
    known = {_primary(tag) for tag in spoken}
    return next((tag for tag in tags if _primary(tag) in known), spoken[0])


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()


def _words(medium: Media, name: str) -> list[str]:
    return [word for key, value in medium.attributes if key == name for word in (value or "").split()]


def _is_tag(word: str) -> bool:
    parts = word.split("-")
    fits = len(word) <= LONGEST_TAG and all(part.isascii() and part.isalnum() and len(part) <= 8 for part in parts)
    return fits and parts[0].isalpha() and len(parts[0]) >= 2
