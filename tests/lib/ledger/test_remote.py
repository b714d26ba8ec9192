"""The ledger in Redis: few round trips, bounded, and back after the store was away."""

import asyncio

import pytest

from lib.ledger.scoring import score_due
from lib.market import Candles
from lib.queries import CandleQuery
from lib.runtime import choose_ledger
from lib.settings import Settings
from tests.conftest import StillClock
from tests.lib.ledger.conftest import empty_place, ledger_at
from tests.lib.ledger.said import HOUR_MS, ORIGIN_MS, bar, forecast, signal
from tests.servers import RedisServer
from tests.upstash_rest import UpstashRest

pytestmark = pytest.mark.anyio

DAY_S = 86_400


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: object) -> dict[str, str]:
    """An empty book behind Upstash's REST API."""
    return {**empty_place("upstash", request, tmp_path), "LEDGER_KEEP_DAYS": "3"}  # type: ignore[arg-type] # no file is made there


async def test_a_batch_is_one_request_and_scoring_it_three(
    place: dict[str, str], rest: UpstashRest
) -> None:
    clock = StillClock(ORIGIN_MS + 4 * HOUR_MS)
    ledger = ledger_at(place, clock=clock)

    async def fetch(query: CandleQuery) -> Candles:
        bars = tuple(bar(at, 99, 101, 100) for at in range(3))
        return Candles(query.pair, query.timeframe, bars, clock.now_ms())

    await ledger.record([*(forecast(id=f"f{at}") for at in range(40)), signal()])
    writes = len(rest.requests)
    scored = await score_due(ledger, fetch)
    scores = len(rest.requests) - writes
    await ledger.report(0)
    reads = len(rest.requests) - writes - scores
    await ledger.aclose()

    assert scored == 41
    # what is due: which, then the records themselves; then the outcomes
    assert (writes, scores, reads) == (1, 3, 2)


async def test_nothing_is_kept_without_an_end(place: dict[str, str], redis: RedisServer) -> None:
    ledger = ledger_at(place)
    await ledger.record([forecast(), signal()])
    await ledger.flush()
    await ledger.aclose()

    keys = redis.ask("KEYS", "*").decode().split("\r\n")
    names = [line for line in keys if line.startswith("v1:")]
    left_s = [int(redis.ask("TTL", name).strip(b":\r\n")) for name in names]
    assert len(names) == 5
    assert all(2 * DAY_S < left <= 3 * DAY_S for left in left_s)


async def test_a_report_reaches_back_as_far_as_is_kept(place: dict[str, str]) -> None:
    clock = StillClock(ORIGIN_MS)
    ledger = ledger_at(place, clock=clock)
    await ledger.record([forecast()])
    await ledger.flush()
    clock.advance(5 * DAY_S)
    await ledger.record([forecast(id="young", origin_ms=clock.now_ms())])
    await ledger.flush()
    report, since_ms = await ledger.report(0)
    await ledger.aclose()

    assert (report.recorded, since_ms) == (1, clock.now_ms())


async def test_what_ran_out_before_it_was_scored_is_forgotten(
    place: dict[str, str], redis: RedisServer
) -> None:
    ledger = ledger_at(place)
    await ledger.record([forecast()])
    await ledger.flush()
    redis.ask("DEL", f"v1:ledger:live:forecasts:{ORIGIN_MS // 86_400_000}")
    due = await ledger.due(ORIGIN_MS + HOUR_MS)
    await ledger.aclose()

    assert due == ([], [])
    assert redis.ask("EXISTS", "v1:ledger:live:forecasts:due") == b":0\r\n"


async def test_a_redis_that_was_killed_gets_what_was_said_meanwhile() -> None:
    with RedisServer() as server:
        clock = StillClock(ORIGIN_MS)
        ledger = ledger_at({"REDIS_URL": server.url}, clock=clock)
        await ledger.record([forecast()])
        server.kill()
        await ledger.record([forecast(id="f2")])
        down = (ledger.state, ledger.waiting)
        server.start()
        await ledger.record([forecast(id="f3")])
        still = ledger.waiting
        clock.advance(31)
        await ledger.record([forecast(id="f4")])
        await ledger.aclose()

    # nobody flushes on Lambda: after half a minute a caller tries again
    assert down == ("down", 1)
    assert (still, ledger.state, ledger.waiting) == (2, "up", 0)


async def test_a_redis_that_hangs_holds_up_nobody() -> None:
    clock = StillClock(ORIGIN_MS)
    with RedisServer() as server:
        settings = Settings.load({"REDIS_URL": server.url})
        ledger = choose_ledger(settings, clock, disk=False)
        assert ledger
        await ledger.record([forecast()])
        await ledger.flush()
        server.pause()
        await ledger.record([forecast(id="f2")])
        down = (ledger.state, ledger.waiting, ledger.reason)
        clock.advance(31)
        trying = asyncio.create_task(ledger.record([forecast(id="f3")]))
        await asyncio.sleep(0)
        await ledger.record([forecast(id="f4")])
        still = not trying.done()
        await trying
        server.resume()
        await ledger.aclose()

    assert down == ("down", 1, "it does not answer in time")
    assert still  # one caller tries again, and the next does not wait for it


async def test_a_store_that_is_full_is_said_to_be() -> None:
    with RedisServer() as server:
        server.ask("CONFIG", "SET", "maxmemory", "1")
        ledger = ledger_at({"REDIS_URL": server.url})
        await ledger.record([forecast()])
        await ledger.aclose()

    assert ledger.reason == "the store is full"
