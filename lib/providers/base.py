"""A provider: the client of one upstream. Its methods *serve* feeds; what comes back is read by
pure parsers, beside it or, where both would fill more than a page, in `lib/wire`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, ClassVar, Final, TypeVar

import httpx
import msgspec

from lib.clock import Clock
from lib.errors import (
    SourceGeoBlocked,
    SourceThrottled,
    SourceTimeout,
    SourceUnavailable,
    SourceUnsupported,
    shown,
)
from lib.feeds import Feed
from lib.highway.quota import Limit
from lib.queries import Query
from lib.wire.bodies import LARGE_BODY, read_body
from lib.wire.iso import read_seconds

__all__ = ["Limit", "Payload", "Provider", "Served", "serves", "serves_all"]
__all__ += ["date_ms", "whole_seconds"]

Q = TypeVar("Q", bound=Query)
T = TypeVar("T")
P = TypeVar("P", bound="Provider")

LARGEST_BODY: Final = 48 * 1024 * 1024

MINUTE, MONTH = 60.0, 30 * 86400.0


class Served(msgspec.Struct, frozen=True):
    """One feed that a provider serves, by which method, at what weight."""

    feed: Feed[Any, Any]
    method: str
    weight: int
    bulk: bool


class Payload(msgspec.Struct, frozen=True):
    """An upstream's answer: bytes, and the time by its own clock (its Date header, else ours)."""

    body: bytes
    time_ms: int


class Budget(msgspec.Struct, frozen=True):
    """Dollars that a calendar month may cost, and has cost so far."""

    monthly_usd: float
    spent_usd: float


def serves(
    feed: Feed[Q, T], *, weight: int = 1
) -> Callable[[Callable[[P, Q], Awaitable[T]]], Callable[[P, Q], Awaitable[T]]]:
    """Tie a method to a feed: one query in, one result out."""

    def mark(method: Callable[[P, Q], Awaitable[T]]) -> Callable[[P, Q], Awaitable[T]]:
        method.__dict__["served"] = (feed, weight, False)
        return method

    return mark


def serves_all(
    feed: Feed[Any, T], *, weight: int = 1
) -> Callable[
    [Callable[[P], Awaitable[Mapping[str, T]]]], Callable[[P], Awaitable[Mapping[str, T]]]
]:
    """Tie a method to a feed: no query, every result at once, keyed by `query.key`."""

    def mark(
        method: Callable[[P], Awaitable[Mapping[str, T]]],
    ) -> Callable[[P], Awaitable[Mapping[str, T]]]:
        method.__dict__["served"] = (feed, weight, True)
        return method

    return mark


class Provider:
    """What all upstream clients share: one HTTP client, a base URL, a key, and status rules."""

    name: ClassVar[str]
    base_url: ClassVar[str]
    limits: ClassVar[tuple[Limit, ...]] = ()
    key_variable: ClassVar[str | None] = None  # the environment variable of its key
    needs_key: ClassVar[bool] = False  # False: a key is welcome, not needed
    largest_body: ClassVar[int] = LARGEST_BODY  # bytes, once decompressed
    attribution: ClassVar[str] = ""
    terms: ClassVar[str] = ""

    def __init__(
        self,
        client: httpx.AsyncClient,
        clock: Clock,
        base_url: str | None = None,
        key: str | None = None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._base = (base_url or self.base_url).rstrip("/")
        self._key = key
        self.on_quota: Callable[[int], None] | None = None

    @property
    def has_key(self) -> bool:
        """Whether its key is set."""
        return bool(self._key)

    @property
    def budget(self) -> Budget | None:
        """What its requests may cost; `None` where they are free."""
        return None

    @classmethod
    def served(cls) -> dict[str, Served]:
        """The feeds it serves, by feed name."""
        return _marked(cls)  # type: ignore[arg-type]  # mypy looks for the hash of its instances

    def headers(self) -> dict[str, str]:
        """Headers of every request; a provider with a key in a header adds it here."""
        return {}

    def used_quota(self, headers: httpx.Headers) -> int | None:  # noqa: ARG002 - for others to read
        """How many units the upstream says were used in the running minute, if it says."""
        return None

    async def get(self, path: str, **params: str | int | None) -> Payload:
        """GET `path`; parameters that are `None` are left out.

        Raises:
            SourceError: by status, or because the network failed.
        """
        query = {key: str(value) for key, value in params.items() if value is not None}
        return await self._send("GET", path, params=query)

    async def post(self, path: str, json: object) -> Payload:
        """POST a JSON body to `path`. Raises as `get` does."""
        return await self._send("POST", path, content=msgspec.json.encode(json))

    async def _send(
        self,
        method: str,
        path: str,
        params: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> Payload:
        headers = self.headers()
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self._client.stream(
                method,
                self._base + path,
                params=params or None,
                content=content,
                headers=headers,
            ) as response:
                if self.on_quota and (used := self.used_quota(response.headers)) is not None:
                    self.on_quota(used)
                body = await read_body(response, self.largest_body)
        except httpx.TimeoutException as error:
            raise SourceTimeout(f"{self.name}: {type(error).__name__}") from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceUnavailable(f"{self.name}: {type(error).__name__}") from error
        if response.status_code != 200:
            self.refuse(response.status_code, response.headers, body)
        return Payload(body, date_ms(response.headers.get("date")) or self._clock.now_ms())

    def refuse(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Turn a status other than 200 into a `SourceError`; providers with words of their own
        for "no such symbol" look into `body` first."""
        if status in (429, 418):
            raise SourceThrottled(f"{self.name}: {status}", _retry_after_s(headers, status))
        if status in (451, 403):
            raise SourceGeoBlocked(f"{self.name}: {status}")
        if status in (400, 404):
            raise SourceUnsupported(f"{self.name}: {status} {shown(body[:80])}")
        raise SourceUnavailable(f"{self.name}: {status}")

    async def decode(self, parser: Callable[..., T], payload: Payload, *args: Any) -> T:
        """Run a pure parser over a payload, in a thread when the body is large."""
        if len(payload.body) > LARGE_BODY:
            return await asyncio.to_thread(parser, payload.body, *args)
        return parser(payload.body, *args)


def _retry_after_s(headers: Mapping[str, str], status: int) -> float:
    stated = whole_seconds(headers.get("retry-after", ""))
    if stated is not None:
        return float(min(stated, 86400))
    return 120.0 if status == 418 else 10.0


def whole_seconds(stated: str) -> int | None:
    """A header's number of seconds; `None` for what is none, or more than anybody waits."""
    plain = stated.isascii() and stated.isdecimal() and len(stated) < 10
    return int(stated) if plain else None


def date_ms(stated: str | None) -> int | None:
    """Unix milliseconds of a `Date` header; `None` for what is none, or none of this age."""
    if not stated:
        return None
    try:
        return read_seconds(parsedate_to_datetime(stated).timestamp())
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


@cache  # a class's methods are looked through once, not at every /api/providers
def _marked(kind: type[Provider]) -> dict[str, Served]:
    found: dict[str, Served] = {}
    for attribute in dir(kind):
        mark = getattr(getattr(kind, attribute), "__dict__", {}).get("served")
        if mark:
            feed, weight, bulk = mark
            found[feed.name] = Served(feed, attribute, weight, bulk)
    return found
