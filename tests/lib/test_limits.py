"""Callers' rate limits."""

import asyncio
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.limits import Limiter, Verdict, _network, caller_of, rate_headers
from tests.conftest import StillClock

IP = "203.0.113.7"


@pytest.fixture
def limiter(clock: StillClock) -> Limiter:
    return Limiter(clock)


def take_many(limiter: Limiter, count: int, caller: str = IP, limit: int = 100) -> int:
    """How many of `count` calls pass."""
    return sum(limiter.take(caller, limit).allowed for _ in range(count))


def test_call_101_within_a_minute_is_refused(limiter: Limiter, clock: StillClock) -> None:
    passed = take_many(limiter, 50)
    clock.advance(59.75)
    passed += take_many(limiter, 50)

    refused = limiter.take(IP, 100)

    assert passed == 100
    assert refused == Verdict(False, 100, remaining=0, reset_s=1, retry_after_s=1)


def test_a_key_may_call_a_thousand_times(limiter: Limiter) -> None:
    assert take_many(limiter, 1500, "key:alice", limit=1000) == 1000


def test_a_verdict_says_what_is_left(limiter: Limiter, clock: StillClock) -> None:
    first = limiter.take(IP, 100)
    clock.advance(10.5)
    second = limiter.take(IP, 100, cost=9)

    assert first == Verdict(True, 100, remaining=99, reset_s=60, retry_after_s=0)
    assert second == Verdict(True, 100, remaining=90, reset_s=50, retry_after_s=0)


def test_who_comes_back_when_told_is_let_in(limiter: Limiter, clock: StillClock) -> None:
    take_many(limiter, 100)
    clock.advance(12.125)
    refused = limiter.take(IP, 100)

    clock.advance(refused.retry_after_s)

    assert refused.retry_after_s == 48
    assert limiter.take(IP, 100).allowed


def test_a_new_minute_counts_from_its_own_first_call(limiter: Limiter, clock: StillClock) -> None:
    take_many(limiter, 100)
    clock.advance(90)
    take_many(limiter, 99)
    clock.advance(59)

    assert [limiter.take(IP, 100).allowed for _ in range(2)] == [True, False]


def test_refused_calls_cost_nothing(limiter: Limiter, clock: StillClock) -> None:
    take_many(limiter, 1000)
    clock.advance(60)

    assert take_many(limiter, 1000) == 100


def test_a_dear_call_that_does_not_fit_leaves_room_for_cheap_ones(limiter: Limiter) -> None:
    take_many(limiter, 97)

    dear = limiter.take(IP, 100, cost=5)

    assert dear == Verdict(False, 100, remaining=3, reset_s=60, retry_after_s=60)
    assert take_many(limiter, 5) == 3


def test_callers_do_not_share_a_limit(limiter: Limiter) -> None:
    take_many(limiter, 100)

    assert limiter.take("203.0.113.8", 100).allowed


def test_a_limit_of_nothing_is_off(limiter: Limiter) -> None:
    assert take_many(limiter, 1000, limit=0) == 1000
    assert len(limiter) == 0


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 30_000), st.integers(1, 3)), max_size=60
    )
)
def test_each_window_holds_exactly_the_limit(calls: list[tuple[str, int, int]]) -> None:
    clock = StillClock()
    limiter = Limiter(clock)
    limit, now_ms = 5, 0
    windows: dict[str, tuple[int, int]] = {}

    for caller, pause_ms, cost in calls:
        now_ms += pause_ms
        clock._monotonic = 1000 + now_ms / 1000
        began_ms, used = windows.get(caller, (now_ms, 0))
        if now_ms - began_ms >= 60_000:
            began_ms, used = now_ms, 0
        fits = used + cost <= limit
        windows[caller] = (began_ms, used + cost if fits else used)

        verdict = limiter.take(caller, limit, cost)

        left_s = -(-(began_ms + 60_000 - now_ms) // 1000)
        assert verdict == Verdict(
            fits, limit, limit - windows[caller][1], left_s, 0 if fits else left_s
        )


def test_memory_is_bounded(clock: StillClock) -> None:
    limiter = Limiter(clock, most_callers=100)

    for n in range(1000):
        take_many(limiter, 1 + n % 3, str(n), limit=2)

    assert len(limiter) <= 100


def test_windows_that_are_over_are_dropped(clock: StillClock) -> None:
    limiter = Limiter(clock, most_callers=1000)
    for n in range(500):
        limiter.take(str(n), 100)
    clock.advance(60)

    for n in range(500, 760):
        limiter.take(str(n), 100)

    assert len(limiter) == 260


def test_a_refused_caller_cannot_be_pushed_out_by_fresh_addresses(clock: StillClock) -> None:
    limiter = Limiter(clock, most_callers=100)
    take_many(limiter, 101)

    for n in range(10_000):
        limiter.take(str(n), 100)

    assert not limiter.take(IP, 100).allowed


def test_an_idle_caller_is_forgotten_before_a_later_one(clock: StillClock) -> None:
    limiter = Limiter(clock, most_callers=4)
    take_many(limiter, 1, "early", limit=2)
    take_many(limiter, 2, "late", limit=2)
    for n in range(2):
        limiter.take(str(n), 2)

    assert limiter.take("late", 2).allowed is False
    assert take_many(limiter, 2, "early", limit=2) == 2


class Counts:
    """The counting half of a store; replies or whole calls can get lost."""

    def __init__(self) -> None:
        self.totals: dict[str, int] = {}
        self.fault: str | None = None

    async def add_all(self, amounts: Mapping[str, int], ttl_s: float) -> dict[str, int] | None:
        if self.fault == "down":
            return None
        for key, amount in amounts.items():
            self.totals[key] = self.totals.get(key, 0) + amount
        return None if self.fault == "slow" else {key: self.totals[key] for key in amounts}


def shared_limiters(clock: StillClock, counts: Counts, count: int = 2) -> list[Limiter]:
    limiters = [Limiter(clock) for _ in range(count)]
    for limiter in limiters:
        limiter.share(counts)  # type: ignore[arg-type]
    return limiters


@pytest.mark.anyio
async def test_processes_in_step_hold_a_caller_to_one_limit(clock: StillClock) -> None:
    clock.advance(20)
    one, two = shared_limiters(clock, Counts())
    take_many(one, 60)
    take_many(two, 39)
    await one.sync()
    await two.sync()

    last = two.take(IP, 100)
    refused = two.take(IP, 100)

    assert last == Verdict(True, 100, remaining=0, reset_s=40, retry_after_s=0)
    assert refused == Verdict(False, 100, remaining=0, reset_s=40, retry_after_s=40)


@pytest.mark.anyio
async def test_a_shared_limit_opens_with_the_next_wall_clock_minute(clock: StillClock) -> None:
    clock.advance(20)
    one, two = shared_limiters(clock, Counts())
    take_many(one, 100)
    take_many(two, 1)
    await one.sync()
    await two.sync()
    refused = two.take(IP, 100)

    clock.advance(refused.retry_after_s)

    assert two.take(IP, 100).allowed
    assert not one.take(IP, 100).allowed


@pytest.mark.anyio
async def test_who_is_refused_twice_over_waits_for_both(clock: StillClock) -> None:
    clock.advance(20)
    (one,) = shared_limiters(clock, Counts(), 1)
    take_many(one, 100)

    refused = one.take(IP, 100)

    assert refused.retry_after_s == 60  # its own window ends after the wall-clock minute


@pytest.mark.anyio
async def test_without_its_store_a_process_still_counts(clock: StillClock) -> None:
    counts = Counts()
    counts.fault = "down"
    (one,) = shared_limiters(clock, counts, 1)

    passed = take_many(one, 60)
    await one.sync()
    passed += take_many(one, 60)

    assert passed == 100


@pytest.mark.anyio
async def test_syncing_alone_is_nothing(limiter: Limiter) -> None:
    await limiter.sync()


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("take"), st.integers(0, 1), st.integers(1, 2)),
            st.tuples(st.just("sync"), st.integers(0, 1), st.sampled_from([None, "down", "slow"])),
            st.tuples(st.just("wait"), st.integers(1, 200), st.none()),
        ),
        max_size=80,
    )
)
def test_nobody_is_refused_before_using_up_the_limit_in_a_minute(
    steps: list[tuple[str, int, object]],
) -> None:
    clock, counts, limit = StillClock(), Counts(), 5
    limiters = shared_limiters(clock, counts)
    passed: list[tuple[float, int]] = []

    for step, number, extra in steps:
        if step == "wait":
            clock.advance(number / 8)
        elif step == "sync":
            counts.fault = extra  # type: ignore[assignment]
            asyncio.run(limiters[number].sync())
        else:
            cost = int(str(extra))
            if limiters[number].take("a", limit, cost).allowed:
                passed.append((clock.monotonic(), cost))
            else:
                since = clock.monotonic() - 60
                assert sum(units for at, units in passed if at > since) + cost > limit


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 100)), max_size=60))
def test_in_step_no_wall_clock_minute_holds_more_than_the_limit(
    calls: list[tuple[int, int]],
) -> None:
    clock, limit = StillClock(), 5
    limiters = shared_limiters(clock, Counts())
    passed: dict[int, int] = {}

    for number, pause in calls:
        clock.advance(pause / 8)
        limiter = limiters[number]
        if limiter.take("a", limit).allowed:
            minute = clock.now_ms() // 60_000
            passed[minute] = passed.get(minute, 0) + 1
        asyncio.run(limiter.sync())

    # A process learns of the others when it has something to tell: one call each may slip by.
    assert all(units <= limit + 1 for units in passed.values())


def test_headers_say_what_is_left() -> None:
    verdict = Verdict(True, 100, remaining=99, reset_s=60, retry_after_s=0)

    assert rate_headers(verdict) == [
        (b"ratelimit-policy", b'"ip";q=100;w=60'),
        (b"ratelimit", b'"ip";r=99;t=60'),
    ]


def test_headers_of_a_refusal_say_when_to_come_back() -> None:
    verdict = Verdict(False, 1000, remaining=0, reset_s=17, retry_after_s=17)

    assert rate_headers(verdict, "key") == [
        (b"ratelimit-policy", b'"key";q=1000;w=60'),
        (b"ratelimit", b'"key";r=0;t=17'),
        (b"retry-after", b"17"),
    ]


def test_without_a_limit_there_are_no_headers(limiter: Limiter) -> None:
    assert rate_headers(limiter.take(IP, 0)) == []


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "caller"),
    [
        ("1.2.3.4", None, 0, "1.2.3.4"),
        ("1.2.3.4", None, 1, "1.2.3.4"),
        ("1.2.3.4", "", 1, "1.2.3.4"),
        ("10.0.0.1", "9.9.9.9", 0, "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9", 1, "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9", 1, "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6,9.9.9.9,10.0.0.2", 2, "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9 , 10.0.0.2 ", 2, "9.9.9.9"),
        ("10.0.0.1", "9.9.9.9", 2, "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9, unknown", 1, "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9, unknown", 2, "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9,", 1, "10.0.0.1"),
        ("10.0.0.1", "01.2.3.4", 1, "10.0.0.1"),
        ("10.0.0.1", "1.2.3", 1, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4.5", 1, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4\x00", 1, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:", 1, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:port", 1, "10.0.0.1"),
        ("10.0.0.1", "[::1", 1, "10.0.0.1"),
        ("10.0.0.1", "[::1]80", 1, "10.0.0.1"),
        ("10.0.0.1", "[]", 1, "10.0.0.1"),
        ("10.0.0.1", "\ud800", 1, "10.0.0.1"),
        ("10.0.0.1", "9" * 10_000, 1, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4:567", 1, "1.2.3.4"),
        ("10.0.0.1", "[2001:db8:1:2:3:4:5:6]:443", 1, "2001:db8:1:2::/64"),
        ("10.0.0.1", "[2001:db8:1:2:3:4:5:6]", 1, "2001:db8:1:2::/64"),
        ("10.0.0.1", "2001:DB8:1:2::9", 1, "2001:db8:1:2::/64"),
        ("10.0.0.1", "::ffff:1.2.3.4", 1, "1.2.3.4"),
        ("10.0.0.1", "[::ffff:102:304]:80", 1, "1.2.3.4"),
        ("::ffff:1.2.3.4", None, 0, "1.2.3.4"),
        ("::1", None, 0, "::/64"),
        ("fe80::1%eth0", None, 0, "fe80::/64"),
        ("testclient", None, 0, "testclient"),
        ("", None, 0, "unknown"),
    ],
)
def test_the_caller_is_whom_the_trusted_proxies_heard(
    peer: str, forwarded: str | None, trusted: int, caller: str
) -> None:
    assert caller_of(peer, forwarded, trusted) == caller


def test_an_endless_hop_is_not_remembered() -> None:
    _network.cache_clear()

    caller_of("1.2.3.4", "9" * 65, 1)

    assert _network.cache_info().currsize == 1  # the peer


def expected(address: IPv4Address | IPv6Address) -> str:
    """The caller by Python's own address library."""
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    prefix = int(address) >> 64 << 64
    return str(IPv6Network((prefix, 64)))


addresses = st.ip_addresses() | st.ip_addresses(v=4).map(lambda a: IPv6Address(f"::ffff:{a}"))


@given(addresses, st.booleans())
def test_every_address_is_read(address: IPv4Address | IPv6Address, exploded: bool) -> None:
    text = address.exploded if exploded else str(address)

    assert caller_of("peer", text, 1) == caller_of(text, None, 0) == expected(address)


@given(addresses, st.text() | addresses.map(str))
def test_nobody_is_believed_without_a_trusted_proxy(
    peer: IPv4Address | IPv6Address, forged: str
) -> None:
    assert caller_of(str(peer), forged, 0) == expected(peer)


@given(addresses, addresses, st.lists(st.text() | addresses.map(str)))
def test_what_stands_left_of_the_trusted_hop_changes_nothing(
    peer: IPv4Address | IPv6Address, heard: IPv4Address | IPv6Address, forged: list[str]
) -> None:
    forwarded = ",".join([*forged, str(heard)])

    assert caller_of(str(peer), forwarded, 1) == expected(heard)


@given(st.text(), st.text(), st.integers(0, 4))
def test_no_text_breaks_it(peer: str, forwarded: str, trusted: int) -> None:
    assert caller_of(peer, forwarded, trusted)
