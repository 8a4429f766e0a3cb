"""Logins as signed tokens (JWT, RFC 7519, HS256) with the key of the centre folder."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt
import msgspec

from tenfour.desk.ended_login import EndedLogins
from tenfour.desk.permission import Role
from tenfour.desk.principal import Principal
from tenfour.vocabulary.errors import BadInput, NotFound, Refused, TenfourError
from tenfour.vocabulary.ids import PersonId, PositionId, UnitId

DESK_COOKIE, UNIT_COOKIE = "tenfour_desk", "tenfour_unit"
"""A browser can hold a desk's login and a unit's side by side."""
ALGORITHM = "HS256"
LIVE = "live"
REMEMBERED = 1024
"""So many tokens are verified once: a busy centre would spend a tenth of its time on signatures it knows."""


def real_now() -> datetime:
    """The real time, aware, UTC: a login does not last longer because the domain clock stands."""
    return datetime.now(UTC)


class NotLoggedIn(TenfourError):
    """There is no valid login with the request."""


class Person(msgspec.Struct, frozen=True):
    """Somebody of the centre, as the centre folder names them. `unit`: the unit they crew, if any."""

    id: PersonId
    name: str
    roles: tuple[str, ...]
    unit: str = ""


class Choice(msgspec.Struct, frozen=True):
    """What somebody asks to be in the role picker."""

    role: Role
    person: str
    position: str | None = None
    unit: str | None = None


def cookie_of(role: Role) -> str:
    """The name of the cookie that holds a login in this role."""
    return UNIT_COOKIE if role is Role.UNIT else DESK_COOKIE


class Sessions:
    """Issues and reads logins. `mode` is the centre's: in `live` the role picker does not exist."""

    def __init__(
        self,
        *,
        key: bytes,
        centre_id: str,
        mode: str,
        lasts: timedelta,
        people: Mapping[PersonId, Person],
        positions: frozenset[str],
        units: frozenset[str],
        ended: EndedLogins | None = None,
    ) -> None:
        self._key, self._centre, self._mode, self._lasts = key, centre_id, mode, lasts
        self._people, self._positions, self._units = people, positions, units
        self._ended = ended or EndedLogins(None, lasts, real_now())
        self._verified = lru_cache(REMEMBERED)(self._verify)

    def pick(self, choice: Choice) -> Principal:
        """A principal for the role picker. Raises `Refused` in live mode, `NotFound` for unknown names."""
        if self._mode == LIVE:
            raise Refused("The role picker does not exist in a live centre; log in with your own key.")
        person = self._people.get(PersonId(choice.person))
        if person is None:
            raise NotFound("person", choice.person, f"Known here: {', '.join(sorted(self._people))}.")
        if choice.role.value not in person.roles:
            raise Refused(f"{person.name} does not work here as {choice.role.value}; known: {', '.join(person.roles)}.")
        unit = choice.unit or person.unit or None
        self._check_place(choice, unit)
        return Principal(
            person.id,
            person.name,
            choice.role,
            PositionId(choice.position) if choice.position and choice.role is not Role.UNIT else None,
            UnitId(unit) if unit and choice.role is Role.UNIT else None,
            secrets.token_urlsafe(12),
        )

    def _check_place(self, choice: Choice, unit: str | None) -> None:
        if choice.position is not None and choice.position not in self._positions:
            raise NotFound("position", choice.position)
        if choice.role is not Role.UNIT:
            return
        if unit is None:
            raise BadInput("A crew logs in for a unit; name one in `unit`.")
        if unit not in self._units:
            raise NotFound("unit", unit)

    def token(self, principal: Principal, now: datetime) -> str:
        """The signed token of a login."""
        claims = {
            "iss": self._centre,
            "iat": int(now.timestamp()),
            "exp": int((now + self._lasts).timestamp()),
            "jti": principal.session,
            "sub": principal.person,
            "role": principal.role.value,
            "position": principal.position,
            "unit": principal.unit,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def read(self, token: str) -> Principal:
        """Who holds this token; raises `NotLoggedIn` when it is not valid, ended, or too old."""
        principal, until = self._verified(token)
        if principal.session in self._ended or until <= real_now():
            raise NotLoggedIn("The login has ended; log in again.")
        return principal

    def _verify(self, token: str) -> tuple[Principal, datetime]:
        """Who holds this token by its signature, and until when."""
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=self._centre,
                options={"require": ["exp", "iat", "iss", "jti", "sub"]},
            )
            role, until = Role(claims["role"]), datetime.fromtimestamp(claims["exp"], UTC)
        except (jwt.InvalidTokenError, KeyError, ValueError) as error:
            raise NotLoggedIn(f"The login is not valid ({error}); log in again.") from error
        person = self._people.get(PersonId(claims["sub"]))
        if person is None or role.value not in person.roles:
            raise NotLoggedIn("The login has ended; log in again.")
        return Principal(person.id, person.name, role, claims["position"], claims["unit"], claims["jti"]), until

    def end(self, principal: Principal) -> None:
        """Log out: the token is refused from now on. Raises `Unavailable` where a restart would not know of it."""
        self._ended.add(principal.session, real_now())
