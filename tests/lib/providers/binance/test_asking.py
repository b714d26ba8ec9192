"""Binance asked: routes, windows, weights."""

import httpx
import pytest

from lib.errors import SourceUnavailable, SourceUnsupported
from lib.market import Pair
from lib.providers.binance import Binance
from lib.queries import CandleQuery, Everything, PairQuery
from lib.timeframes import DAY_MS, HOUR_MS
from tests.lib.providers.venue import always, asked
from tests.lib.wire.binance.answers import BTC, DEPTH, INFO, KLINE, NOW_MS, TICKER, TRADE


@pytest.mark.anyio
async def test_dollars_are_answered_in_tether_and_the_answer_says_so() -> None:
    dollars = Pair("BTC", "USD")
    newest = NOW_MS // HOUR_MS * HOUR_MS
    by_path = {"klines": [[newest, *KLINE[1:]]], "depth": DEPTH, "trades": [TRADE]}

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=by_path[request.url.path.split("/")[-1]])

    async with asked(Binance, answer) as (binance, requests):
        answers = [
            await binance.candles(CandleQuery(dollars, "1h", 1)),
            await binance.book(PairQuery(dollars)),
            await binance.trades(PairQuery(dollars)),
        ]

    assert [answer.pair for answer in answers] == [BTC] * 3
    assert {request.url.params["symbol"] for request in requests} == {"BTCUSDT"}


@pytest.mark.anyio
async def test_a_dollar_coin_has_no_price_in_dollars() -> None:
    async with asked(Binance, always([])) as (binance, requests):
        with pytest.raises(SourceUnsupported):
            await binance.book(PairQuery(Pair("USDT", "USD")))

    assert requests == []


def klines(request: httpx.Request) -> httpx.Response:
    """Serve hours as Binance does: from startTime on, else the newest up to endTime."""
    asked_for = request.url.params
    limit, step = int(asked_for["limit"]), HOUR_MS
    last = min(int(asked_for.get("endTime", NOW_MS)), NOW_MS) // step * step
    if "startTime" in asked_for:
        first = -(-int(asked_for["startTime"]) // step) * step
        opens = range(first, last + 1, step)[:limit]
    else:
        opens = range(last - (limit - 1) * step, last + 1, step)
    return httpx.Response(
        200, json=[[t, "2", "3", "1", str(1 + t / 1e14), "5", t + step - 1, "9"] for t in opens]
    )


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [1, 500, 1000, 1001, 2500, 4000])
async def test_the_newest_bars_come_in_as_few_calls_as_it_takes(limit: int) -> None:
    async with asked(Binance, klines) as (binance, requests):
        candles = await binance.candles(CandleQuery(BTC, "1h", limit))

    newest = NOW_MS // HOUR_MS * HOUR_MS
    opens = [bar.open_ms for bar in candles.bars]
    assert opens == [newest - n * HOUR_MS for n in reversed(range(limit))]
    assert [bar.closed for bar in candles.bars[-2:]] == [True, False][-min(2, limit) :]
    assert len(requests) == -(-limit // 1000)


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [10, 1500])
async def test_a_window_gives_the_first_bars_from_its_start(limit: int) -> None:
    since = 1_700_000_000_000
    query = CandleQuery(BTC, "1h", limit, since_ms=since, until_ms=since + 2000 * HOUR_MS)

    async with asked(Binance, klines) as (binance, _):
        candles = await binance.candles(query)

    first = (since // HOUR_MS + 1) * HOUR_MS
    assert [bar.open_ms for bar in candles.bars] == [first + n * HOUR_MS for n in range(limit)]


@pytest.mark.anyio
async def test_more_bars_than_four_calls_give_are_not_asked_for() -> None:
    async with asked(Binance, klines) as (binance, requests):
        with pytest.raises(SourceUnsupported):
            await binance.candles(CandleQuery(BTC, "1h", 4001))

    assert requests == []


@pytest.mark.anyio
async def test_a_failed_page_fails_the_query_as_itself() -> None:
    def second_fails(request: httpx.Request) -> httpx.Response:
        late = int(request.url.params["startTime"]) > NOW_MS - 1200 * HOUR_MS
        return httpx.Response(500) if late else klines(request)

    async with asked(Binance, second_fails) as (binance, _):
        with pytest.raises(SourceUnavailable):
            await binance.candles(CandleQuery(BTC, "1h", 2000))


@pytest.mark.anyio
async def test_each_feed_asks_its_documented_route() -> None:
    by_path = {
        "/api/v3/ticker/24hr": [TICKER],
        "/api/v3/klines": [[NOW_MS // DAY_MS * DAY_MS, *KLINE[1:]]],
        "/api/v3/depth": DEPTH,
        "/api/v3/trades": [TRADE],
        "/api/v3/exchangeInfo": INFO,
    }

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=by_path[request.url.path])

    async with asked(Binance, answer) as (binance, requests):
        await binance.tickers()
        await binance.candles(CandleQuery(BTC, "1d", 1))
        await binance.book(PairQuery(BTC))
        await binance.trades(PairQuery(Pair("BTC", "USD")))
        await binance.exchange(Everything())

    assert [str(request.url) for request in requests] == [
        "https://data-api.binance.vision/api/v3/ticker/24hr",
        "https://data-api.binance.vision/api/v3/klines?symbol=BTCUSDT&interval=1d&limit=1",
        "https://data-api.binance.vision/api/v3/depth?symbol=BTCUSDT&limit=100",
        "https://data-api.binance.vision/api/v3/trades?symbol=BTCUSDT&limit=500",
        "https://data-api.binance.vision/api/v3/exchangeInfo?showPermissionSets=false",
    ]


def test_it_serves_five_feeds_at_their_documented_weight() -> None:
    weights = {name: served.weight for name, served in Binance.served().items()}

    assert weights == {"tickers": 80, "candles": 2, "books": 5, "trades": 25, "exchanges": 20}


@pytest.mark.anyio
async def test_a_former_name_is_served_under_the_present_one() -> None:
    rows = [{**TICKER, "symbol": "MATICUSDT"}, {**TICKER, "symbol": "MKRUSDT"}]

    async with asked(Binance, always(rows)) as (binance, _):
        board = await binance.tickers()

    assert {key: str(row.pair) for key, row in board.items()} == {
        "POL/USDT": "POL/USDT",
        "MKR/USDT": "MKR/USDT",  # one MKR became 24,000 SKY
    }


@pytest.mark.anyio
async def test_the_weight_used_is_reported() -> None:
    told: list[int] = []
    headers = {"x-mbx-used-weight-1m": "1234"}

    async with asked(Binance, always(DEPTH, headers=headers)) as (binance, _):
        binance.on_quota = told.append
        await binance.book(PairQuery(BTC))

    assert told == [1234]
