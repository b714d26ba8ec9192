"""Which venue tells what, and what listeners hear when one fails."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from lib.feeds import TICKERS
from lib.market import Pair
from lib.queries import PairQuery
from lib.sandbox import SandboxServer
from tests.lib.live.watchtower import Watchtower

pytestmark = pytest.mark.anyio

FAULTS = ["451", "refuse", "hang", "html", "shape", "truncated", "zero", "nan"]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=5) as server:
        yield server


@pytest.fixture
async def watchtower(sandbox: SandboxServer) -> AsyncIterator[Watchtower]:
    sandbox.faults.clear()
    sandbox.app.state.calls.clear()
    async with Watchtower(sandbox).running() as made:
        yield made


def data_of(source: str) -> Any:
    return lambda message: "data" in message and message["source"] == source


async def test_the_first_venue_tells_all_listeners_over_one_connection(
    watchtower: Watchtower,
) -> None:
    ears = [watchtower.follow("ticker:BTC/USDT", "trades:ETH/USDT") for _ in range(20)]

    for ear in ears:
        await ear.until(lambda message: message.get("channel") == "trades")
        await ear.until(data_of("binance"))

    assert watchtower.sandbox.app.state.calls["/binance/stream"] == 1
    assert all(ear.said == ears[0].said for ear in ears)


@pytest.mark.parametrize("fault", FAULTS)
async def test_when_the_first_venue_fails_the_next_one_tells_and_listeners_know(
    fault: str, watchtower: Watchtower
) -> None:
    ear = watchtower.follow("ticker:BTC/USDT")
    await ear.until(data_of("binance"))
    watchtower.sandbox.faults.set("binance", fault)
    before = len(ear.said)

    live = await ear.until(lambda m: m.get("status") == "live" and m["source"] == "coinbase")

    told = ear.said[before:]
    first = next(message for message in told if message.get("type") == "status")
    assert (first["status"], first["source"]) == ("reconnecting", "binance")
    assert first["reason"]
    assert live["symbol"] == "BTC/USDT"
    await ear.until(data_of("coinbase"))


async def test_books_go_from_one_venue_that_keeps_them_level_by_level_to_the_next(
    watchtower: Watchtower,
) -> None:
    watchtower.sandbox.faults.set("binance", "451")
    ear = watchtower.follow("orderbook:BTC/USDT")
    await ear.until(data_of("kraken"))
    watchtower.sandbox.faults.set("kraken", "451")

    told = await ear.until(data_of("coinbase"))

    assert told["data"]["quoted_in"] == "USD"
    assert len(told["data"]["bids"]) == len(told["data"]["asks"]) == 20


@pytest.mark.parametrize("fault", ["451"])
async def test_no_price_is_invented_while_every_venue_fails(
    fault: str, watchtower: Watchtower
) -> None:
    ear = watchtower.follow("ticker:BTC/USDT")
    await ear.until(data_of("binance"))
    for source in ("binance", "coinbase", "kraken", "okx", "kucoin", "coingecko"):
        watchtower.sandbox.faults.set(source, fault)

    await ear.until(lambda message: message.get("status") == "down")

    seen = len(ear.said)
    await asyncio.sleep(1)
    assert not [message for message in ear.said[seen:] if "data" in message]


async def test_who_fails_once_is_asked_again_before_the_next_venue(watchtower: Watchtower) -> None:
    ear = watchtower.follow("ticker:BTC/USDT")
    await ear.until(data_of("binance"))
    watchtower.sandbox.faults.set("binance", "503")
    await ear.until(lambda message: message.get("status") == "reconnecting")
    watchtower.sandbox.faults.clear()

    back = await ear.until(lambda message: message.get("status") == "live")

    assert back["source"] == "binance"


async def test_trades_missed_while_reconnecting_are_told_afterwards(
    watchtower: Watchtower,
) -> None:
    ear = watchtower.follow("trades:BTC/USDT")
    await ear.until(data_of("binance"))
    watchtower.sandbox.faults.set("binance", "hang")
    await ear.until(lambda message: message.get("status") == "reconnecting")
    watchtower.sandbox.faults.clear()
    gap = await ear.until(lambda message: message.get("type") == "gap")
    await ear.until(lambda m: "data" in m and m["data"]["id"] == gap["to_id"])

    ids = {message["data"]["id"] for message in ear.said if "data" in message}
    missed = range(int(gap["from_id"]), int(gap["to_id"]) + 1)
    assert gap["missed"] == len(missed)
    assert {str(number) for number in missed} <= ids
    told = [message["data"]["id"] for message in ear.said if "data" in message]
    assert len(told) == len(set(told))


async def test_a_pair_that_the_first_venue_lacks_is_told_by_one_that_lists_it(
    watchtower: Watchtower,
) -> None:
    ear = watchtower.follow("ticker:BTC/GBP")

    message = await ear.until(data_of("coinbase"))

    assert message["data"]["symbol"] == "BTC/GBP"


async def test_a_pair_that_no_stream_has_is_polled(watchtower: Watchtower) -> None:
    ear = watchtower.follow("orderbook:BTC/GBP")

    message = await ear.until(lambda message: "data" in message)

    assert message["data"]["bids"][0][0] < message["data"]["asks"][0][0]


async def test_while_a_stream_runs_prices_need_no_upstream_call(watchtower: Watchtower) -> None:
    ear = watchtower.follow("ticker:BTC/USDT")
    await ear.until(data_of("binance"))
    await asyncio.sleep(2)
    calls = watchtower.sandbox.app.state.calls
    before = calls["binance"]
    highway = watchtower.runtime.highway

    rows = []
    for _ in range(6):
        await asyncio.sleep(1)
        rows.append(await highway.fetch(TICKERS, PairQuery(Pair("BTC", "USDT"))))
        board = await highway.board(TICKERS, 60)
        assert abs(board.fetched_ms - rows[-1].fetched_ms) < 5000

    told = {m["data"]["timestamp"]: m["data"]["price"] for m in ear.said if "data" in m}
    known = [row.value for row in rows if row.value.time_ms in told]
    assert len(known) >= 3
    assert all(told[ticker.time_ms] == ticker.last for ticker in known)
    assert calls["binance"] == before


async def test_after_the_stream_ends_prices_are_asked_for_again(watchtower: Watchtower) -> None:
    ear = watchtower.follow("ticker:BTC/USDT")
    await ear.until(data_of("binance"))
    watchtower.sandbox.faults.set("binance", "hang")

    await asyncio.sleep(2.5)
    row = await watchtower.runtime.highway.fetch(TICKERS, PairQuery(Pair("BTC", "USDT")), fresh_s=1)

    age_ms = watchtower.runtime.clock.now_ms() - row.fetched_ms
    assert row.source != "binance" or age_ms > 500


async def test_a_bar_is_told_once_it_closed(watchtower: Watchtower) -> None:
    ear = watchtower.follow("ohlcv:BTC/USDT:1m")

    closed = await ear.until(lambda message: message.get("data", {}).get("closed") is True)
    running = await ear.until(lambda message: message.get("data", {}).get("closed") is False)

    assert closed["data"]["t"] + 60_000 <= running["data"]["t"] + 60_000
    assert closed["data"]["timeframe"] == "1m"
