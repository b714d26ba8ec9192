"""Callers' rate limits: who calls, whether one more call may pass, and what they are told."""

import socket
from collections import OrderedDict
from functools import lru_cache
from typing import Final, NamedTuple

from lib.clock import Clock
from lib.store import Store
from lib.store.tally import Tally

WINDOW_S: Final = 60
SECOND_US: Final = 1_000_000


class Verdict(NamedTuple):  # not a dataclass: made on every request, and this is 3 times as fast
    """Whether a call may pass, and what is left. A `limit` of 0 means that there is none."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int
    retry_after_s: int  # 0 when allowed


UNLIMITED: Final = Verdict(True, 0, 0, 0, 0)


class _Window:
    __slots__ = ("end_us", "used")

    def __init__(self, end_us: int) -> None:
        self.end_us = end_us
        self.used = 0


class Limiter:
    """At most `limit` units for a caller in the 60 s that begin with its first call.

    Within one process this is exact: call `limit` + 1 is refused until the 60 s are over, and
    refused calls cost nothing. Processes that `share` a store also hold a caller to `limit` in
    each wall-clock minute over all of them, except for what it does between two syncs. Without
    the store each process counts for itself; nobody is refused before having used up `limit`.

    Memory is bounded by `most_callers`. The oldest windows go first, but those of refused callers
    are kept apart: to push one out takes as many other callers, each of them refused.
    """

    def __init__(self, clock: Clock, most_callers: int = 50_000) -> None:
        self._clock = clock
        self._monotonic = clock.monotonic
        self._most = most_callers
        self._most_refused = max(1, most_callers // 4)
        self._most_open = max(1, most_callers - self._most_refused)
        self._open: OrderedDict[str, _Window] = OrderedDict()  # in order of start
        self._refused: OrderedDict[str, _Window] = OrderedDict()  # in order of first refusal
        self._tally: Tally | None = None

    def __len__(self) -> int:
        """How many callers it remembers."""
        return len(self._open) + len(self._refused)

    def share(self, store: Store) -> None:
        """Count together with other processes from now on; `sync` keeps them in step."""
        self._tally = Tally(store, self._clock, self._most)

    async def sync(self) -> None:
        """Exchange counts with the other processes; call it about once a second."""
        if self._tally is not None:
            await self._tally.sync()

    def take(self, caller: str, limit: int, cost: int = 1) -> Verdict:
        """Let a call of `cost` units pass, or refuse it; a limit of 0 lets everything pass."""
        if limit <= 0:
            return UNLIMITED
        now_us = round(self._monotonic() * 1e6)  # whole, so that 60 s are never called 61
        window = self._open.get(caller) or self._refused.get(caller)
        if window is None or now_us >= window.end_us:
            window = self._begin(caller, now_us)
        if self._tally is not None:
            return self._take_shared(self._tally, window, now_us, caller, limit, cost)
        used = window.used + cost
        left_s = _whole_s(window.end_us - now_us)
        if used > limit:
            self._keep_apart(caller, window, now_us)
            return Verdict(False, limit, max(0, limit - window.used), left_s, left_s)
        window.used = used
        return Verdict(True, limit, limit - used, left_s, 0)

    def _take_shared(
        self, tally: Tally, window: _Window, now_us: int, caller: str, limit: int, cost: int
    ) -> Verdict:
        own = (window.used, _whole_s(window.end_us - now_us))
        shared = (tally.used(caller), tally.left_s())
        used, left_s = max(own, shared)
        waits = [wait_s for spent, wait_s in (own, shared) if spent + cost > limit]
        if waits:
            if own[0] + cost > limit:
                self._keep_apart(caller, window, now_us)
            return Verdict(False, limit, max(0, limit - used), left_s, max(waits))
        window.used += cost
        tally.count(caller, cost)
        return Verdict(True, limit, limit - used - cost, left_s, 0)

    def _begin(self, caller: str, now_us: int) -> _Window:
        self._open.pop(caller, None)
        self._refused.pop(caller, None)
        _make_room(self._open, self._most_open, now_us)
        window = self._open[caller] = _Window(now_us + WINDOW_S * SECOND_US)
        return window

    def _keep_apart(self, caller: str, window: _Window, now_us: int) -> None:
        if self._open.pop(caller, None) is not None:
            _make_room(self._refused, self._most_refused, now_us)
            self._refused[caller] = window


def _whole_s(span_us: int) -> int:
    """Seconds, rounded up."""
    return -(-span_us // SECOND_US)


def _make_room(windows: OrderedDict[str, _Window], most: int, now_us: int) -> None:
    """Drop the eldest if they are over, two at most so that no call pays for many; at any rate
    make room for one more."""
    for _ in range(2):
        eldest = next(iter(windows.values()), None)
        if eldest is None or (eldest.end_us > now_us and len(windows) < most):
            return
        windows.popitem(last=False)


def rate_headers(verdict: Verdict, policy: str = "ip") -> list[tuple[bytes, bytes]]:
    """The limit as ASGI headers, after draft-ietf-httpapi-ratelimit-headers; none without one."""
    allowed, limit, remaining, reset_s, retry_after_s = verdict
    if not limit:
        return []
    stated, name = _policy(policy, limit)
    headers = [stated, (b"ratelimit", b'"%b";r=%d;t=%d' % (name, remaining, reset_s))]
    if not allowed:
        headers.append((b"retry-after", b"%d" % retry_after_s))
    return headers


@lru_cache(maxsize=16)
def _policy(policy: str, limit: int) -> tuple[tuple[bytes, bytes], bytes]:
    name = policy.encode("ascii")
    return (b"ratelimit-policy", b'"%b";q=%d;w=%d' % (name, limit, WINDOW_S)), name


def caller_of(peer: str, forwarded: str | None, trusted: int) -> str:
    """The address that a call counts for: IPv4, or the /64 of an IPv6.

    Each of the `trusted` proxies in front of us appends to `X-Forwarded-For` whom it heard from,
    so only that many entries from the right are true; what stands left of them is the caller's
    own invention. If one of those entries is missing or no address, the socket's peer counts.
    """
    if trusted > 0 and forwarded:
        stated = forwarded.rsplit(",", trusted)[-trusted:]
        hops = [_network(hop) if len(hop) <= _LONGEST_HOP else None for hop in stated]
        if len(hops) == trusted and all(hops):
            return hops[0] or peer
    return _network(peer) or peer or "unknown"


_LONGEST_HOP: Final = 64  # what is longer is no address, and is not remembered either
_MAPPED: Final = bytes(10) + b"\xff\xff"  # ::ffff:1.2.3.4 is 1.2.3.4


@lru_cache(maxsize=4096)
def _network(hop: str) -> str | None:
    # Not by `ipaddress`: it takes ten times as long, and this runs on every request.
    host = hop.strip()
    if host.startswith("["):
        host, closed, port = host[1:].partition("]")
        if not closed or (port and not (port[0] == ":" and port[1:].isdigit())):
            return None
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
        if not port.isdigit():
            return None
    try:
        if ":" not in host:
            return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, host))
        packed = socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except (OSError, ValueError):
        return None
    if packed.startswith(_MAPPED):
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    return socket.inet_ntop(socket.AF_INET6, packed[:8] + bytes(8)) + "/64"
