"""Before the router: limit, key, and the bytes of answers that are still good.

Most requests end here. Bytes are found by the raw request target, so a hit parses nothing and
encodes nothing. There is no second notion of freshness: an answer's bytes are good until the
moment that its values' provenance states. Without this file every answer would be the same, only
slower.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any, Final

from adapters.envelope import render_error
from adapters.pantry import Pantry
from adapters.rendering import ENCODERS, LEAST_COMPRESSED, NO_LINES, Rendered
from adapters.udf_refusal import in_charts_words, is_for_charts
from adapters.visit import Reception, Visit
from lib.clock import Clock
from lib.errors import ApiError, InternalError, UriTooLong, shown
from lib.log import request_id

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Counted = Callable[[str, int, str], None]
"""Is told endpoint, status and cache state of every answer."""

LONGEST_TARGET = 8192
PREFLIGHT_AGE_S = b"86400"
METHODS = b"GET, HEAD, POST, DELETE, OPTIONS"

_log = logging.getLogger("dreammaker.http")


class FrontDoor:
    """Pure ASGI: counts the caller, answers from ready bytes, else asks `inside`.

    Every request that parses as HTTP gets its answer here, errors in the envelope included.
    """

    def __init__(
        self,
        inside: App,
        reception: Reception,
        clock: Clock,
        pantry: Pantry,
        *,
        free: Callable[[str], bool],
        counted: Counted,
    ) -> None:
        self._inside = inside
        self._reception = reception
        self._clock = clock
        self._pantry = pantry
        self._free = free
        self._counted = counted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inside(scope, receive, send)
            return
        visit = self._reception.greet(scope)  # type: ignore[arg-type]  # Scope is a dict
        if visit.method == "OPTIONS":
            await self._preflight(visit, send)
            return
        target = target_of(scope)
        try:
            if not self._free(scope["path"]):
                self._reception.count(visit)
            if len(target) > LONGEST_TARGET:
                raise UriTooLong(
                    f"The request target is too long; the most is {LONGEST_TARGET} bytes",
                    {"limit_bytes": LONGEST_TARGET},
                )
            if visit.method in ("GET", "HEAD"):
                ready = self._pantry.find(target)
                if ready and ready.is_good(now_ms := self._clock.now_ms()):
                    await send_rendered(ready, visit, send, now_ms, self._counted)
                    return
                coming = self._pantry.coming(target)
                if coming:
                    await self._wait_along(coming, visit, send)
                    return
            await self._ask_inside(scope, receive, send, visit)
        except ApiError as error:
            await self.send_error(error, visit, send, charts=is_for_charts(scope["path"]))

    async def _wait_along(self, coming: asyncio.Task[Rendered], visit: Visit, send: Send) -> None:
        """Somebody has asked the same just now: wait for their answer at the door."""
        visit.endpoint = coming.get_name()
        try:
            rendered = await asyncio.shield(coming)
        except ApiError:
            raise
        except Exception:  # whoever asked first has it in the log
            raise InternalError("Something went wrong on our side") from None
        now_ms = self._clock.now_ms()
        await send_rendered(rendered, visit, send, now_ms, self._counted, first=True)

    async def _ask_inside(self, scope: Scope, receive: Receive, send: Send, visit: Visit) -> None:
        scope["visit"] = visit
        token = request_id.set(visit.request_id.decode("latin-1"))
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._inside(scope, receive, watch)
        except ApiError:
            raise
        except Exception:
            _log.exception("request.failed", extra={"path": shown(scope["path"], 200)})
            if started:
                raise
            raise InternalError("Something went wrong on our side") from None
        finally:
            request_id.reset(token)
            scope.pop("visit", None)  # which knows the scope: a circle is left to the collector

    async def send_error(
        self, error: ApiError, visit: Visit, send: Send, *, charts: bool = False
    ) -> None:
        """Answer with the envelope; to charts in their words too."""
        body, media_type = render_error(
            error,
            self._clock.now_ms(),
            visit.request_id.decode("latin-1"),
            visit.header(b"accept"),
        )
        if charts:
            body = in_charts_words(body, error)
        headers = [
            (b"content-type", media_type.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept, Origin"),
            *((key.lower().encode(), value.encode()) for key, value in error.headers.items()),
            *visit.reply_headers(),
        ]
        self._counted(visit.endpoint, error.status, "none")
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if visit.method == "HEAD" else body})

    async def _preflight(self, visit: Visit, send: Send) -> None:
        headers = [
            (b"access-control-max-age", PREFLIGHT_AGE_S),
            (b"vary", b"Origin, Access-Control-Request-Headers"),
            (b"content-length", b"0"),
            *visit.reply_headers(),
        ]
        if visit.origin:
            asked = visit.headers.get(b"access-control-request-headers", b"")
            headers += [
                (b"access-control-allow-methods", METHODS),
                (
                    b"access-control-allow-headers",
                    asked if _HEADER_NAMES.fullmatch(asked) else _USUAL_HEADERS,
                ),
            ]
        await send({"type": "http.response.start", "status": 204, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def target_of(scope: Scope) -> bytes:
    """The raw request target, path and query; API Gateway's events have no raw path."""
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


async def send_rendered(
    rendered: Rendered,
    visit: Visit,
    send: Send,
    now_ms: int,
    counted: Counted,
    *,
    first: bool = False,
) -> None:
    """Send ready bytes with the headers of this moment and this caller.

    Args:
        first: this request had them rendered, so it may be a miss.
    """
    dated = rendered.dated(now_ms, first=first)
    known = visit.headers.get(b"if-none-match")
    if known is not None and visit.method in ("GET", "HEAD") and _matches(known, rendered.etag):
        status, body, about = 304, b"", NO_LINES
    else:
        status = rendered.status
        coding = None
        accepted = visit.headers.get(b"accept-encoding")
        if accepted is not None and len(rendered.body) >= LEAST_COMPRESSED:
            coding = best_coding(accepted[:_LONGEST_ACCEPT])
        body, about = rendered.made(coding) or await rendered.make(coding)
    counted(rendered.name, status, rendered.state(missed=first and rendered.fetched_now))
    if visit.method == "HEAD":
        body = b""
    if visit.send_ready:
        lines = dated.wire + about.wire + visit.reply_wire()
        if visit.send_ready(visit.scope, status, lines, body):
            return
    headers = [*dated.pairs, *about.pairs, *visit.reply_headers()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _matches(stated: bytes, etag: bytes) -> bool:
    """Whether `If-None-Match` names this tag, weakly compared: `W/` counts for nothing."""
    return etag.removeprefix(b"W/") in stated or stated.strip() == b"*"


@lru_cache(maxsize=256)
def best_coding(accepted: bytes) -> str | None:
    """The content coding that an `Accept-Encoding` likes best, ours first among equals.

    `None` is the plain body: where nothing of ours is accepted, or plain is liked better.
    """
    likes: dict[str, float] = {}
    for part in accepted.decode("latin-1").lower().split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        likes[coding] = float(weight) if _WEIGHT.fullmatch(weight) else 1.0
    liked = {name: likes.get(name, likes.get("*", 0.0)) for name in ENCODERS}
    best = max(liked, key=liked.__getitem__)
    return best if liked[best] > 0 and liked[best] >= likes.get("identity", 0.0) else None


_LONGEST_ACCEPT: Final = 500
_WEIGHT: Final = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_HEADER_NAMES: Final = re.compile(rb"[A-Za-z0-9_-]{1,64}(, ?[A-Za-z0-9_-]{1,64}){0,31}")
_USUAL_HEADERS: Final = b"Authorization, Content-Type, X-API-Key, X-Request-ID, Last-Event-ID"
