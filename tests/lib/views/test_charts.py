"""Questions for the newest bars, and who answered them."""

import pytest

from lib.errors import InvalidSymbol
from lib.market import Candles, Pair
from lib.timeframes import open_of
from lib.views.charts import newest_query, read_newest, source_of
from tests.house import NOW_MS, House

BTC = Pair("BTC", "USDT")
HOUR_MS = 3_600_000
LAST_MS = open_of(NOW_MS, "1h")


@pytest.mark.parametrize(("count", "limit"), [(1, 200), (200, 200), (201, 500), (1000, 1000)])
def test_askers_share_a_few_sizes(count: int, limit: int) -> None:
    query = newest_query(BTC, "1h", count, NOW_MS)

    assert (query.limit, query.since_ms, query.until_ms) == (limit, None, None)


@pytest.mark.parametrize("until_ms", [None, NOW_MS, NOW_MS + 9 * HOUR_MS])
def test_up_to_now_is_no_end(until_ms: int | None) -> None:
    assert newest_query(BTC, "1h", 1, NOW_MS, until_ms).until_ms is None


def test_a_past_end_is_the_bar_that_holds_it() -> None:
    query = newest_query(BTC, "1h", 1, NOW_MS, LAST_MS - HOUR_MS // 2)

    assert query.until_ms == LAST_MS - HOUR_MS
    assert query.settled(NOW_MS)


async def test_the_newest_bars_end_with_the_running_one_or_before_it() -> None:
    async with House() as house:
        ctx = house.runtime.context()
        bars = await read_newest(ctx, BTC, "1h", 3)
        closed = await read_newest(ctx, BTC, "1h", 3, closed_only=True)

    assert [bar.open_ms for bar in bars] == [LAST_MS - n * HOUR_MS for n in (2, 1, 0)]
    assert [bar.open_ms for bar in closed] == [LAST_MS - n * HOUR_MS for n in (3, 2, 1)]


async def test_a_pair_that_nobody_knows_is_refused() -> None:
    async with House() as house:
        with pytest.raises(InvalidSymbol):
            await read_newest(house.runtime.context(), Pair("NOSUCH", "USDT"), "1h", 3)


async def test_bars_that_came_from_nowhere_have_no_source() -> None:
    async with House() as house:
        ctx = house.runtime.context()
        await read_newest(ctx, BTC, "1h", 3)

    given = ctx.parts[0].sourced.value
    assert source_of(ctx, given) == "binance"
    assert source_of(ctx, Candles(BTC, "1h", (), NOW_MS)) == ""
