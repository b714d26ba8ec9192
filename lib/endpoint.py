"""The declaration that everything reads: one public route, its request, its reply, its call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from pydantic import BaseModel, ConfigDict

from lib.feeds import Feed
from lib.sourced import Attempt
from lib.units import UnixMs

Bundle = Literal["light", "ai"]
Auth = Literal["public", "key"]
Host = Literal["any", "space"]

DEADLINE_S = 2.5


class Request(BaseModel):
    """What a caller may ask: path, query and body in one frozen model. Unknown names are ignored.

    `aliases` maps other spellings of a parameter's name to its own.
    """

    # built at the first request, not at import: a function of five endpoints is asked for one
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    aliases: ClassVar[dict[str, str]] = {}


class Reply(Struct, kw_only=True):
    """A body. The adapter adds `meta`, the part of its provenance that does not change."""

    success: bool = True


class Ambiguous(Struct, frozen=True):
    """Another coin under the same ticker."""

    id: str
    name: str
    rank: int | None = None


class Provenance(Struct, kw_only=True, omit_defaults=True):
    """Where a reply's values come from; times are Unix milliseconds."""

    source: str
    sources_tried: list[Attempt]
    as_of: Annotated[int, Meta(description="The source's own time, Unix ms.")]
    fetched_at: UnixMs
    fresh_until: UnixMs
    degraded: bool
    sandbox: bool
    missing: Annotated[dict[str, str], Meta(description="Why each null is null, by its path.")]
    ambiguous: list[Ambiguous] | UnsetType = UNSET
    renamed_from: str | UnsetType = UNSET
    volume_scope: str | UnsetType = UNSET
    quoted_in: str | UnsetType = UNSET
    rate_source: str | UnsetType = UNSET
    unrecorded: Annotated[str, Meta(description="Why no ledger holds it.")] | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Document:
    """A reply that is no JSON object of ours: a page, a text, a ready document.

    Attributes:
        max_age_s: how long caches may keep it; `None` is what `CACHE_TTL_DEFAULT` says, 0 never.
    """

    body: bytes
    media_type: str
    max_age_s: int | None = 0
    headers: tuple[tuple[str, str], ...] = ()
    status: int = 200


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One public route, declared once. Router, Lambda, OpenAPI and serverless.yml read it.

    Attributes:
        path: Starlette form; a symbol is a catch-all segment, `{symbol:path}`.
        feeds: what it may ask for, the slow half first; the last one dates the reply.
        cached: its reply depends on the request alone, so its bytes may be kept.
        free: does not count against a caller's limit.
        key_for_more: a public path that asks for a key when a request wants much.
        host: `space` for what lives only in the long-lived process.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    request: type[Request]
    reply: Any
    call: Callable[[Any, Any], Awaitable[Any]]
    feeds: tuple[Feed[Any, Any], ...] = ()
    tag: str = "Market"
    auth: Auth = "public"
    cached: bool = True
    free: bool = False
    key_for_more: bool = False
    host: Host = "any"
    bundle: Bundle = "light"
    memory_mb: int = 512
    timeout_s: float = DEADLINE_S

    @property
    def name(self) -> str:
        """The function's name, unique: `price`, `orderbook`."""
        return self.call.__name__


@dataclass(frozen=True, slots=True)
class Channel:
    """One live channel, declared once. Sockets, event streams and AsyncAPI read it.

    Attributes:
        path: the socket's path; `/api/stream/{name}` is the same as an event stream.
        feed: what is watched; a live stream of it is preferred to asking again and again.
        message: what `data` holds.
        project: makes `data` of a pair and what the feed or a stream says about it.
        delivery: what a slow reader gets: the `latest` of each symbol, or a bounded `queue`.
        greets: sends a hello frame; without it the first frame is the answer to a subscription.
        marks: fields that every message carries beside `channel` and `data`.
        timeframed: a subscription may name a timeframe.
    """

    name: str
    path: str
    feed: Feed[Any, Any]
    message: type[Struct]
    project: Callable[..., Struct]
    delivery: Literal["latest", "queue"] = "latest"
    greets: bool = True
    marks: tuple[tuple[str, str], ...] = ()
    timeframed: bool = False
