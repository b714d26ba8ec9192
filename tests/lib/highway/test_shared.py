"""Behaviour of values that processes share through a store."""

import asyncio
import logging
from typing import Any

import pytest

from lib.feeds import BOOKS, CANDLES, EXCHANGES, Feed
from lib.highway.shared import SharedValues, key_of
from lib.market import Book, Candle, Candles, Exchange, MarketRule, Ticker
from lib.queries import CandleQuery, Everything, Query
from lib.sourced import Attempt, Sourced
from lib.store.guarded import GuardedStore
from tests.conftest import StillClock
from tests.lib.fakes import BTC, ETH, SPOTS, DownStore, FakeStore

pytestmark = pytest.mark.anyio

TICKER = Ticker(BTC.pair, 42150.25, 1_764_000_000_000, bid=42150.0, volume=1e9)
SPOT = Sourced(
    TICKER,
    "beta",
    (Attempt("alpha", "timeout", 400), Attempt("beta", "ok", 90)),
    1_764_000_000_000,
    1_764_000_000_500,
)
BAR = Candle(1_764_000_000_000, 1.0, 2.0, 0.5, 1.5, 10.0, closed=True)
RULE = MarketRule("BTCUSDT", "BTC", "USDT", active=True, min_price=0.01)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def shared(store: FakeStore, clock: StillClock) -> SharedValues:
    return SharedValues(store, clock)


def sourced(value: Any) -> Sourced[Any]:
    return Sourced(value, "binance", (Attempt("binance", "ok", 3),), 1, 2)


def test_keys_say_version_feed_and_question() -> None:
    assert key_of(SPOTS, BTC) == "v1:spots:BTC/USDT"


@pytest.mark.parametrize(
    ("feed", "query", "found"),
    [
        (SPOTS, BTC, SPOT),
        (SPOTS, Everything(), sourced({"BTC/USDT": TICKER})),
        (CANDLES, CandleQuery(BTC.pair, "1h", 1), sourced(Candles(BTC.pair, "1h", (BAR,), 5))),
        (BOOKS, BTC, sourced(Book(BTC.pair, ((1.0, 2.0),), ((1.5, 3.0),), 5))),
        (EXCHANGES, Everything(), sourced(Exchange("Binance", (RULE,), 5))),
    ],
    ids=["row", "board", "candles", "book", "exchange"],
)
async def test_what_one_process_settles_another_gets_with_all_its_provenance(
    store: FakeStore, clock: StillClock, feed: Feed[Any, Any], query: Query, found: Sourced[Any]
) -> None:
    await SharedValues(store, clock).settle(feed, query, found)

    assert await SharedValues(store, clock).get(feed, query) == found


async def test_what_nobody_settled_is_a_miss(shared: SharedValues) -> None:
    assert await shared.get(SPOTS, BTC) is None


@pytest.mark.parametrize(
    "rubbish",
    [
        b"",
        b"null",
        b"{}",
        b"[1]",
        b"\xff\xfe",
        b'{"value": "\xff"}',
        b"[" * 100_000,
        b'{"value": {"pair": {"base": "BTC"}}}',
        b'{"value":null,"source":"a","tried":[],"as_of_ms":1,"fetched_ms":1}',
        b'{"value":{"pair":{"base":"B","quote":"U"},"last":null,"time_ms":1},"source":"a",'
        b'"tried":[],"as_of_ms":1,"fetched_ms":1}',
    ],
)
async def test_rubbish_in_the_store_is_a_miss_and_is_logged(
    store: FakeStore, shared: SharedValues, caplog: pytest.LogCaptureFixture, rubbish: bytes
) -> None:
    store.values["v1:spots:BTC/USDT"] = rubbish

    assert await shared.get(SPOTS, BTC) is None
    assert [(r.levelno, r.message) for r in caplog.records] == [
        (logging.WARNING, "store.undecodable")
    ]


async def test_a_row_under_the_key_of_a_board_is_a_miss(
    store: FakeStore, shared: SharedValues
) -> None:
    await shared.settle(SPOTS, BTC, SPOT)
    store.values["v1:spots:all"] = store.values["v1:spots:BTC/USDT"]

    assert await shared.get(SPOTS, Everything()) is None


async def test_only_one_process_wins_a_claim(store: FakeStore, clock: StillClock) -> None:
    one, other = SharedValues(store, clock), SharedValues(store, clock)

    claims = [await one.claim(SPOTS, BTC), await other.claim(SPOTS, BTC)]

    assert claims == [(True, None), (False, None)]


async def test_a_claim_brings_what_was_settled_just_before(shared: SharedValues) -> None:
    await shared.settle(SPOTS, BTC, SPOT)

    assert await shared.claim(SPOTS, BTC) == (True, SPOT)


async def test_a_claim_lapses_soon_after_the_budget(store: FakeStore, shared: SharedValues) -> None:
    await shared.claim(SPOTS, BTC)

    assert store.claims == {"v1:spots:BTC/USDT:claim": SPOTS.budget_s + 1}


async def test_claims_on_different_questions_do_not_meet(shared: SharedValues) -> None:
    claims = [await shared.claim(SPOTS, BTC), await shared.claim(SPOTS, ETH)]

    assert claims == [(True, None), (True, None)]


async def test_settling_and_releasing_end_a_claim(shared: SharedValues) -> None:
    await shared.claim(SPOTS, BTC)
    await shared.settle(SPOTS, BTC, SPOT)
    again = await shared.claim(SPOTS, BTC)
    await shared.release(SPOTS, BTC)

    assert (again, await shared.claim(SPOTS, BTC)) == ((True, SPOT), (True, SPOT))


async def test_who_lost_the_claim_gets_what_the_winner_brings(shared: SharedValues) -> None:
    waiting = asyncio.create_task(shared.from_other(SPOTS, BTC, SPOT.fetched_ms))
    await asyncio.sleep(0)
    await shared.settle(SPOTS, BTC, SPOT)

    assert await waiting == SPOT


async def test_an_old_value_is_not_what_was_waited_for(clock: StillClock) -> None:
    shared = SharedValues(FakeStore(slow=(clock, 0.1)), clock)
    await shared.settle(SPOTS, BTC, SPOT)

    assert await shared.from_other(SPOTS, BTC, SPOT.fetched_ms + 1) is None


async def test_without_a_store_nothing_is_shared_and_all_claims_win(clock: StillClock) -> None:
    alone = SharedValues(None, clock)
    await alone.settle(SPOTS, BTC, SPOT)
    await alone.release(SPOTS, BTC)
    await alone.aclose()

    assert (bool(alone), await alone.get(SPOTS, BTC)) == (False, None)
    assert [await alone.claim(SPOTS, BTC) for _ in range(2)] == [(True, None)] * 2


async def test_a_store_that_is_down_is_as_good_as_an_empty_one(clock: StillClock) -> None:
    shared = SharedValues(GuardedStore(DownStore(), clock), clock)
    await shared.settle(SPOTS, BTC, SPOT)
    await shared.release(SPOTS, BTC)

    assert await shared.get(SPOTS, BTC) is None
    assert await shared.claim(SPOTS, BTC) == (True, None)


async def test_closing_closes_the_store(store: FakeStore, shared: SharedValues) -> None:
    await shared.aclose()

    assert store.closed
