"""Who is calling: address, key, origin, request id, and what is left of their limit."""

import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from itertools import count
from typing import Any

from lib.addresses import is_origin
from lib.auth import Principal
from lib.errors import RateLimited
from lib.limits import Verdict, caller_of, rate_headers
from lib.runtime import Runtime

Headers = list[tuple[bytes, bytes]]

READY = "dreammaker.ready"
"""The name in a scope of our extension of ASGI, which adapters.http_protocol offers."""

SendReady = Callable[[dict[str, Any], int, bytes, bytes], bool]
"""Sends a whole answer to the request of a scope, if it can now: status, header lines as they
stand on the wire, body."""

EXPOSED = (
    b"X-Source, Age, X-Cache, Cache-Control, ETag, Server-Timing, X-Request-ID, RateLimit, "
    b"RateLimit-Policy, Retry-After, Link"
)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._\-]{8,64}")

_SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
]


class Visit:
    """One request's caller. Cheap to make: it is made for every request.

    Attributes:
        endpoint: whom the request turned out to be for, once the router knows.
        scope: the request as the server told it.
        send_ready: sends an answer whose header lines are joined already, where a server can.
    """

    __slots__ = (
        "caller",
        "endpoint",
        "headers",
        "method",
        "origin",
        "principal",
        "request_id",
        "scope",
        "send_ready",
        "verdict",
    )

    def __init__(
        self,
        headers: dict[bytes, bytes],
        method: str,
        request_id: bytes,
        principal: Principal | None,
        caller: str,
        origin: bytes | None,
        scope: dict[str, Any],
    ) -> None:
        self.headers = headers
        self.method = method
        self.request_id = request_id
        self.principal = principal
        self.caller = caller
        self.origin = origin
        self.scope = scope
        extensions = scope.get("extensions")
        self.send_ready: SendReady | None = extensions.get(READY) if extensions else None
        self.verdict: Verdict | None = None
        self.endpoint = "none"

    def header(self, name: bytes) -> str:
        """One of the request's headers as text; empty if absent."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def shows_key(self) -> bool:
        """Whether any key came along, known or not; an empty bearer is none."""
        bearer = self.header(b"authorization").strip().partition(" ")[2]
        return bool(bearer.strip() or self.header(b"x-api-key").strip())

    def reply_headers(self) -> Headers:
        """What every reply to this caller carries."""
        made = [(b"x-request-id", self.request_id), *_SECURITY]
        if self.verdict:
            made += rate_headers(self.verdict, "key" if self.principal else "ip")
        if self.origin:
            made += _cors(self.origin)
        return made

    def reply_wire(self) -> bytes:
        """The same as it stands on the wire: no value in it can have a line break."""
        wire = b"x-request-id: %b\r\n" % self.request_id
        if not self.verdict:
            return wire + _steady_wire(None, self.origin)
        policy, *moving = rate_headers(self.verdict, "key" if self.principal else "ip")
        for line in moving:
            wire += b"%b: %b\r\n" % line
        return wire + _steady_wire(policy, self.origin)


@lru_cache(maxsize=256)
def _steady_wire(policy: tuple[bytes, bytes] | None, origin: bytes | None) -> bytes:
    """The lines that are the same for many requests."""
    pairs = [*_SECURITY, *([policy] if policy else []), *(_cors(origin) if origin else [])]
    return b"".join([b"%b: %b\r\n" % line for line in pairs])


def _cors(origin: bytes) -> Headers:
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-expose-headers", EXPOSED),
    ]


class Reception:
    """Makes visits and counts them against limits."""

    def __init__(self, runtime: Runtime) -> None:
        settings = runtime.settings
        self._limiter = runtime.limiter
        self._keys = runtime.keys
        self._trusted = settings.trusted_proxies
        self._per_ip = settings.rate_limit_ip
        self._per_key = settings.rate_limit_key
        self._allowed = frozenset(settings.cors_origins)
        self._prefix = secrets.token_hex(6).encode()
        self._numbers = count(1)

    def greet(self, scope: dict[str, Any]) -> Visit:
        """Read who is calling; nothing is counted yet."""
        headers: dict[bytes, bytes] = dict(scope["headers"])
        stated = headers.get(b"x-request-id")
        if stated is None or not _REQUEST_ID.fullmatch(stated):
            stated = b"%s-%x" % (self._prefix, next(self._numbers))
        principal = None
        if b"authorization" in headers or b"x-api-key" in headers:
            principal = self._keys.principal(
                headers.get(b"authorization", b"").decode("latin-1"),
                headers.get(b"x-api-key", b"").decode("latin-1"),
            )
        if principal:
            caller = f"key:{principal.name}"
        else:
            peer = scope.get("client") or ("unknown", 0)
            forwarded = None
            if self._trusted and b"x-forwarded-for" in headers:
                # hops may stand in one header line or in several
                hops = (v for k, v in scope["headers"] if k == b"x-forwarded-for")
                forwarded = b",".join(hops).decode("latin-1")
            caller = caller_of(peer[0], forwarded, self._trusted)
        origin = headers.get(b"origin")
        if origin is not None and not self.admits(origin):
            origin = None
        method = scope.get("method", "GET")
        return Visit(headers, method, stated, principal, caller, origin, scope)

    def admits(self, origin: bytes) -> bool:
        """Whether pages of this origin may read replies: any well-formed one, unless
        `CORS_ORIGINS` lists them."""
        text = origin.decode("latin-1")
        return text in self._allowed if self._allowed else is_origin(text)

    def count(self, visit: Visit) -> None:
        """Count the request.

        Raises:
            RateLimited: this caller's minute is used up.
        """
        limit = self._per_key if visit.principal else self._per_ip
        if not limit:
            return
        verdict = self._limiter.take(visit.caller, limit)
        visit.verdict = verdict
        if not verdict.allowed:
            raise RateLimited(
                f"More than {limit} requests in a minute; try again in {verdict.retry_after_s} s",
                {"limit": limit, "window_s": 60, "retry_after_s": verdict.retry_after_s},
            )
