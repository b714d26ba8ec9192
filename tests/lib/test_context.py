"""A reply in the making: what it fetches, what it lacks, and the trail it leaves."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from msgspec import UNSET

from lib.assets import AssetTable
from lib.context import RETRY_MS, Context, gather, reason_of
from lib.errors import ApiError, InvalidSymbol, NotConfigured, NotFound, UpstreamUnavailable
from lib.feeds import BOOKS, COINS, FORECASTS, GLOBALS, LISTINGS, RATES, TICKERS, Feed
from lib.market import Coin, Coins, Pair, Ticker
from lib.queries import Everything, PairQuery
from lib.sourced import Attempt, NoSource, Sourced
from tests.conftest import StillClock
from tests.functions.upstream import GLOBAL, ticker, totals
from tests.functions.upstream import TICKERS as TICKER_PATH
from tests.house import NOW_MS, House, canned

BTC = PairQuery(Pair("BTC", "USDT"))
WELL = {TICKER_PATH: [ticker("BTCUSDT", 5.0), ticker("ETHUSDT", 4.0)], GLOBAL: totals()}


def sourced(source: str, *, as_of: int = 0, fetched: int = 0, **more: Any) -> Sourced[Ticker]:
    """A value that a source gave, at these times before now."""
    value = Ticker(pair=BTC.pair, last=5.0, time_ms=NOW_MS - as_of)
    told = {"tried": (Attempt(source, "ok", 7),)} | more
    return Sourced(value, source, as_of_ms=NOW_MS - as_of, fetched_ms=NOW_MS - fetched, **told)


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """The service over the sandbox."""
    async with House() as made:
        yield made


# asking


async def test_a_value_becomes_part_of_the_reply() -> None:
    async with House(upstream=canned(WELL)) as house:
        ctx = house.runtime.context()
        found = await ctx.fetch(TICKERS, BTC)

    assert found.last == 5.0
    assert ctx.source_of(TICKERS) == "binance"
    assert ctx.as_of_ms(TICKERS) == NOW_MS - 300
    assert (ctx.source_of(BOOKS), ctx.as_of_ms(BOOKS)) == ("", 0)


@pytest.mark.parametrize(("outcome", "for_s"), [("no_key", 120), ("timeout", 30)])
async def test_a_second_choice_is_good_for_as_long_as_the_road_serves_it(
    outcome: str, for_s: int
) -> None:
    class Road:
        """Has one answer, after somebody ahead of it gave none."""

        async def fetch(self, *_: Any, **__: Any) -> Sourced[Ticker]:
            tried = (Attempt("huggingface", outcome, 1), Attempt("embedded_forecast", "ok", 1))
            return sourced("embedded_forecast", tried=tried)

    ctx = Context(cast("Any", Road()), StillClock(NOW_MS), AssetTable())
    await ctx.fetch(FORECASTS, cast("Any", BTC))
    told = ctx.provenance((FORECASTS,))

    assert told
    assert told.fresh_until - told.fetched_at == for_s * 1000


async def test_a_symbol_that_nobody_has_is_an_unknown_symbol() -> None:
    async with House() as house:
        with pytest.raises(InvalidSymbol) as refusal:
            await house.runtime.context().fetch(
                TICKERS, PairQuery(Pair("BTCC", "USDT")), symbol="BTCC"
            )

    assert refusal.value.details["symbol"] == "BTCC"
    assert refusal.value.details["suggestions"][0] == "BTC"


async def test_when_all_fail_each_reason_is_told() -> None:
    async with House(upstream=canned({TICKER_PATH: 451})) as house:
        with pytest.raises(UpstreamUnavailable) as refusal:
            await house.runtime.context().fetch(TICKERS, BTC, symbol="BTC")

    assert refusal.value.details["sources"]["binance"] == "geo_blocked"


async def test_a_feed_of_keyed_sources_alone_names_their_variables() -> None:
    feed = Feed("newsy", Everything, Coins, ("whale_alert",), 5, 60, 300)
    async with House() as house:
        gate = house.runtime.highway.gates["whale_alert"]
        error = NoSource(feed.name, "all", (Attempt("whale_alert", "no_key", 0),))
        refusal = house.runtime.context()._api_error(error, "")

    assert gate.provider.key_variable == "WHALE_ALERT_KEY"
    assert isinstance(refusal, NotConfigured)
    assert refusal.details == {"variables": ["WHALE_ALERT_KEY"]}


async def test_what_a_reply_can_do_without_is_none_with_a_reason() -> None:
    async with House(upstream=canned({GLOBAL: 500})) as house:
        ctx = house.runtime.context()
        found = await ctx.fetch_or_none(GLOBALS, Everything(), "totals")

    assert found is None
    assert ctx.missing["totals"].startswith("coingecko unavailable")


async def test_a_board_is_every_row_of_one_source() -> None:
    async with House(upstream=canned(WELL)) as house:
        ctx = house.runtime.context()
        board = await ctx.board(TICKERS, 60)

    assert set(board) == {"BTC/USDT", "ETH/USDT"}


async def test_without_a_board_there_is_an_error_or_none() -> None:
    async with House(upstream=canned({})) as house:
        ctx = house.runtime.context()
        with pytest.raises(UpstreamUnavailable):
            await ctx.board(TICKERS, 60)
        none = await ctx.board_or_none(TICKERS, 60)
        ctx.use(RATES, sourced("coingecko"), 3600)
        told = ctx.provenance((RATES,))

    assert none is None
    assert told is not None
    assert (told.degraded, told.missing) == (True, {})


async def test_what_is_at_hand_is_part_of_the_reply_only_if_it_is_used() -> None:
    async with House(upstream=canned(WELL)) as house:
        nothing = house.runtime.context().at_hand(TICKERS, BTC)
        await house.runtime.context().fetch(TICKERS, BTC)
        ctx = house.runtime.context()
        near = ctx.at_hand(TICKERS, BTC)

        assert nothing is None
        assert near is not None
        assert ctx.parts == []
        assert ctx.use(TICKERS, near, 60).last == 5.0
        assert ctx.source_of(TICKERS) == "binance"


# the trail


async def test_no_parts_leave_no_trail(house: House) -> None:
    assert house.runtime.context().provenance((TICKERS,)) is None


async def test_times_are_those_of_the_last_declared_feed(house: House) -> None:
    ctx = house.runtime.context()
    ctx.use(TICKERS, sourced("binance", as_of=30, fetched=20), 5)
    ctx.use(LISTINGS, sourced("coingecko", as_of=9000, fetched=8000), 600)

    told = ctx.provenance((LISTINGS, TICKERS))

    assert told is not None
    assert told.source == "coingecko,binance"
    assert (told.as_of, told.fetched_at) == (NOW_MS - 30, NOW_MS - 20)
    assert told.fresh_until == NOW_MS - 20 + 5000


async def test_of_several_values_of_a_feed_the_newest_dates_the_reply(house: House) -> None:
    ctx = house.runtime.context()
    ctx.use(TICKERS, sourced("binance", as_of=90_000, fetched=90_000), 86_400)
    ctx.use(TICKERS, sourced("kraken", as_of=30, fetched=20), 300)

    told = ctx.provenance((TICKERS,))

    assert told is not None
    assert (told.as_of, told.fetched_at) == (NOW_MS - 30, NOW_MS - 20)
    assert told.source == "binance,kraken"


async def test_every_attempt_stands_there_once(house: House) -> None:
    ctx = house.runtime.context()
    failed = (Attempt("binance", "timeout", 400), Attempt("kraken", "ok", 9))
    ctx.use(TICKERS, sourced("kraken", tried=failed), 5)
    ctx.use(RATES, sourced("kraken", tried=failed), 3600)

    told = ctx.provenance((RATES, TICKERS))

    assert told is not None
    assert told.sources_tried == list(failed)
    assert told.degraded is True


async def test_a_refused_refresh_is_told_too(house: House) -> None:
    ctx = house.runtime.context()
    ctx.use(TICKERS, sourced("binance", refused=(Attempt("binance", "timeout", 2000),)), 5)

    told = ctx.provenance((TICKERS,))

    assert told is not None
    assert [a.outcome for a in told.sources_tried] == ["ok", "timeout"]
    assert told.degraded is True


async def test_a_failed_part_shortens_the_replys_life(house: House) -> None:
    ctx = house.runtime.context()
    ctx.use(TICKERS, sourced("binance"), 60)
    ctx.lacks("totals", "coingecko timeout", failed=True)
    house.clock.advance(3)

    told = ctx.provenance((TICKERS,))

    assert told is not None
    assert told.fresh_until == NOW_MS + RETRY_MS


async def test_notes_stand_in_meta_and_nothing_is_noted_as_none(house: House) -> None:
    ctx = house.runtime.context()
    ctx.use(TICKERS, sourced("binance"), 5)
    ctx.note(renamed_from="MATIC", quoted_in=None)

    told = ctx.provenance((TICKERS,))

    assert told is not None
    assert (told.renamed_from, told.quoted_in) == ("MATIC", UNSET)


async def test_sources_of_the_sandbox_are_labelled() -> None:
    async with House(sandbox=True) as house:
        ctx = house.runtime.context()
        ctx.use(RATES, sourced("coingecko"), 3600)
        ctx.use(TICKERS, sourced("binance"), 5)
        told = ctx.provenance((RATES, TICKERS))

    assert told is not None
    assert (told.source, told.sandbox) == ("sandbox:coingecko,sandbox:binance", True)


# symbols


async def test_a_symbol_is_understood_and_its_story_noted(house: House) -> None:
    rows = (Coin("polygon-ecosystem-token", "POL", "POL"), Coin("pollen", "POL", "Pollen"))
    kept = Sourced(Coins(rows, NOW_MS), "coingecko", (), NOW_MS, NOW_MS)
    house.runtime.highway.shelf.put(COINS, Everything(), kept)
    ctx = house.runtime.context()

    spoken = ctx.read_symbol("matic")

    assert (spoken.echo, str(spoken.pair)) == ("POL", "POL/USDT")
    assert ctx.notes["renamed_from"] == "MATIC"
    assert [other.id for other in ctx.notes["ambiguous"]] == ["pollen"]


async def test_supported_symbols_hold_no_dollar_priced_in_dollars(house: House) -> None:
    cold = house.runtime.context().unknown_symbol("X").details["supported_symbols"]
    await house.runtime.context().fetch(TICKERS, BTC)
    warm = house.runtime.context().unknown_symbol("X").details["supported_symbols"]

    for listed in (cold, warm):
        assert listed[:2] == ["BTC/USDT", "ETH/USDT"]
        assert len(listed) == 10
        assert not {"USDT/USDT", "USDC/USDT"} & set(listed)


# reasons


def refusal(**outcomes: str) -> NoSource:
    """Sources and what became of them."""
    return NoSource("f", "k", tuple(Attempt(s, o, 1) for s, o in outcomes.items()))


def test_reasons_name_who_could_have_answered() -> None:
    assert reason_of(refusal(a="timeout", b="unsupported", c="quota_spent")) == (
        "a timeout, c quota_spent"
    )
    assert reason_of(refusal(a="unsupported", b="unsupported")) == "no source has it"
    assert reason_of(refusal(a="no_key")) == "a no_key"


# side by side


async def value(result: Any, after: asyncio.Event | None = None) -> Any:
    """Give or raise a result, perhaps after a sign."""
    if after:
        await after.wait()
    if isinstance(result, Exception):
        raise result
    return result


async def test_parts_come_in_the_order_in_which_they_were_asked() -> None:
    sign = asyncio.Event()

    async def give_sign() -> int:
        sign.set()
        return 2

    assert await gather(value(1, sign), give_sign(), value(3)) == [1, 2, 3]


@pytest.mark.parametrize("error", [NotFound("no"), ValueError("bug")])
async def test_the_first_error_comes_out_as_it_is_and_ends_the_others(error: Exception) -> None:
    never = asyncio.Event()

    with pytest.raises(type(error)) as raised:
        await gather(value(1, never), value(error))

    assert raised.value is error


async def test_nested_parts_raise_the_inner_error() -> None:
    with pytest.raises(ApiError) as raised:
        await gather(gather(value(NotFound("inner"))), value(1))

    assert str(raised.value) == "inner"


async def test_who_is_cancelled_is_cancelled() -> None:
    never = asyncio.Event()
    task = asyncio.create_task(gather(value(1, never), value(2, never)))
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
