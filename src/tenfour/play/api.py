"""The HTTP door: what a person does on a screen, with a login of their own and an idempotency key for each command."""

import uuid
from typing import Any, TypeVar

import httpx
import msgspec

from tenfour.vocabulary.errors import TenfourError, Unavailable

T = TypeVar("T")


class CentreSaidNo(TenfourError):
    """The centre refused a command; `status` is HTTP's, the text the centre's sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status, self.sentence = status, sentence
        super().__init__(f"{sentence} ({status})")


class PersonOfCentre(msgspec.Struct, frozen=True):
    """Somebody who may log in, and as what."""

    id: str
    name: str
    roles: tuple[str, ...] = ()


class UnitOfCentre(msgspec.Struct, frozen=True):
    """A unit that is there."""

    unit_id: str


class ThirdPartyOfCentre(msgspec.Struct, frozen=True):
    """Somebody outside whom the settings name, and the key that calls them."""

    name: str
    key: str = ""


class CentreCard(msgspec.Struct, frozen=True):
    """What `GET /api/centre` says, as far as a story needs it. `positions` are the desks there are,
    `transfers` other centres."""

    centre_id: str
    name: str
    mode: str
    sip: str
    people: tuple[PersonOfCentre, ...] = ()
    positions: tuple[str, ...] = ()
    units: tuple[UnitOfCentre, ...] = ()
    transfers: tuple[str, ...] = ()
    third_parties: tuple[ThirdPartyOfCentre, ...] = ()


class Token(msgspec.Struct, frozen=True):
    """The answer to a login."""

    token: str


class Door:
    """One person's way in. Each has a client of its own, so that no login leaks into another's requests."""

    def __init__(self, url: str, timeout_s: float = 15.0) -> None:
        self.url = url.rstrip("/")
        self.token = ""
        self._client = httpx.AsyncClient(base_url=self.url, timeout=timeout_s, trust_env=False)

    async def log_in(self, *, role: str, person: str, position: str | None = None, unit: str | None = None) -> None:
        """Log in at the role picker; raises `CentreSaidNo`."""
        body = {"role": role, "person": person, "position": position, "unit": unit}
        self.token = _as(await self.post("/api/session", body), Token).token

    async def get(self, path: str, **query: str | int) -> Any:
        """Read; raises `CentreSaidNo`, `Unavailable`."""
        return _answer(await self._send("GET", path, params=query))

    async def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """Command, under a fresh idempotency key; raises `CentreSaidNo`, `Unavailable`."""
        return _answer(await self._send("POST", path, json=body or {}, headers={"Idempotency-Key": str(uuid.uuid4())}))

    async def upload(self, location: str, data: bytes, pieces: int) -> None:
        """Send a file by tus 1.0, in `pieces`, asking before each how far it came; raises `CentreSaidNo`."""
        size = -(-len(data) // max(1, pieces))
        tus = {"Tus-Resumable": "1.0.0"}
        for _ in range(max(1, pieces)):
            answer = await self._send("HEAD", location, headers=dict(tus))
            if not answer.is_success:
                raise CentreSaidNo(answer.status_code, f"The upload {location} is not known.")
            offset = int(answer.headers["upload-offset"])
            headers = {**tus, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            _answer(await self._send("PATCH", location, content=data[offset : offset + size], headers=headers))

    async def centre(self) -> CentreCard:
        """Who and what is in this centre."""
        return _as(await self.get("/api/centre"), CentreCard)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        headers = more.pop("headers", {})
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            return await self._client.request(method, path, headers=headers, **more)
        except httpx.HTTPError as error:
            raise Unavailable(
                f"The centre at {self.url} does not answer ({type(error).__name__} at {path})."
            ) from error


def _answer(response: httpx.Response) -> Any:
    if response.is_success:
        return msgspec.json.decode(response.content) if response.content else None
    raise CentreSaidNo(response.status_code, _sentence(response))


def _sentence(response: httpx.Response) -> str:
    try:
        said = msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return response.text[:300] or response.reason_phrase
    return str(said.get("error", said)) if isinstance(said, dict) else str(said)


def _as(value: Any, wanted: type[T]) -> T:
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError as error:
        raise Unavailable(f"The centre's answer is not as expected: {error}.") from error
