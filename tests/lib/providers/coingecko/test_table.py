"""CoinGecko asked for its market table, and for the tickers in it."""

import asyncio

import httpx
import pytest

from lib.errors import SourceUnavailable, SourceUnsupported
from lib.market import Pair
from lib.providers.coingecko import CoinGecko
from lib.queries import Everything, ListQuery
from tests.conftest import Corpus
from tests.lib.providers.aggregator import Answer, provider
from tests.lib.providers.coingecko.routes import routes
from tests.lib.wire.coingecko.answers import BITCOIN, ms_of


@pytest.mark.anyio
async def test_the_table_is_asked_for_in_pages_of_250() -> None:
    seen: list[httpx.Request] = []
    coingecko = provider(CoinGecko, routes({"markets": [BITCOIN]}, seen))

    await coingecko.listings(ListQuery(pages=2))

    assert [str(r.url.copy_with(query=None)) for r in seen] == [
        "https://api.coingecko.com/api/v3/coins/markets"
    ] * 2
    assert [dict(r.url.params) for r in seen] == [
        {
            "vs_currency": "usd",
            "order": "market_cap_desc",
            "per_page": "250",
            "page": page,
            "price_change_percentage": "1h,24h,7d",
            "sparkline": "false",
        }
        for page in ("1", "2")
    ]
    assert "x-cg-demo-api-key" not in seen[0].headers


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("category", "asked"),
    [
        ("defi", "decentralized-finance-defi"),
        ("nft", "non-fungible-tokens-nft"),
        ("meme", "meme-token"),
    ],
)
async def test_a_category_is_asked_by_its_name_there(category: str, asked: str) -> None:
    seen: list[httpx.Request] = []
    coingecko = provider(CoinGecko, routes({"markets": [BITCOIN]}, seen))

    await coingecko.listings(ListQuery(1, category))

    assert seen[0].url.params["category"] == asked


@pytest.mark.anyio
async def test_an_unknown_category_is_not_asked_for() -> None:
    seen: list[httpx.Request] = []

    with pytest.raises(SourceUnsupported):
        await provider(CoinGecko, routes({}, seen)).listings(ListQuery(1, "gaming"))

    assert seen == []


@pytest.mark.anyio
async def test_a_key_goes_into_the_header_and_a_mirror_keeps_its_prefix() -> None:
    seen: list[httpx.Request] = []
    coingecko = provider(
        CoinGecko, routes({"list": [BITCOIN]}, seen), key="CG-1", base_url="http://mirror/gecko/"
    )

    await coingecko.coins(Everything())

    assert seen[0].headers["x-cg-demo-api-key"] == "CG-1"
    assert str(seen[0].url) == "http://mirror/gecko/api/v3/coins/list"


def paged(answers: dict[str, httpx.Response]) -> Answer:
    return lambda request: answers[request.url.params["page"]]


@pytest.mark.anyio
async def test_pages_are_put_together_and_a_coin_between_two_stands_once() -> None:
    second = BITCOIN | {"id": "ethereum", "symbol": "eth", "market_cap_rank": 2}
    pages = {
        "1": httpx.Response(200, json=[second, BITCOIN]),
        "2": httpx.Response(200, json=[BITCOIN | {"current_price": 1}]),
    }

    table = await provider(CoinGecko, paged(pages)).listings(ListQuery(2))

    assert [(row.id, row.price) for row in table.rows] == [("bitcoin", 77671), ("ethereum", 77671)]


@pytest.mark.anyio
async def test_the_first_page_does_when_the_second_fails() -> None:
    pages = {"1": httpx.Response(200, json=[BITCOIN]), "2": httpx.Response(429)}

    table = await provider(CoinGecko, paged(pages)).listings(ListQuery(2))

    assert [row.id for row in table.rows] == ["bitcoin"]


@pytest.mark.anyio
async def test_without_the_first_page_there_is_no_table() -> None:
    pages = {"1": httpx.Response(500), "2": httpx.Response(200, json=[BITCOIN])}

    with pytest.raises(SourceUnavailable):
        await provider(CoinGecko, paged(pages)).listings(ListQuery(2))


@pytest.mark.anyio
async def test_a_second_page_that_hangs_is_not_waited_for() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        if request.url.params["page"] == "2":
            await asyncio.Event().wait()
        return httpx.Response(200, json=[BITCOIN])

    coingecko = provider(CoinGecko, hang)  # type: ignore[arg-type] # httpx takes both kinds
    coingecko.patience_s = 0.01

    table = await coingecko.listings(ListQuery(2))

    assert len(table.rows) == 1


@pytest.mark.anyio
async def test_of_two_coins_with_one_ticker_the_better_rank_is_priced() -> None:
    peg = BITCOIN | {"id": "peg", "current_price": 5, "market_cap_rank": 900}
    unranked = BITCOIN | {"id": "x", "current_price": 6, "market_cap_rank": None}

    tickers = await provider(CoinGecko, routes({"markets": [peg, unranked, BITCOIN]})).tickers()

    (ticker,) = tickers.values()
    assert list(tickers) == ["BTC/USD"]
    assert (ticker.pair, ticker.last, ticker.scope) == (Pair("BTC", "USD"), 77671, "global")
    assert (ticker.high, ticker.low, ticker.change_percent) == (78419, 76696, -0.95302)
    assert (ticker.volume, ticker.base_volume) == (33235034316, None)
    assert (ticker.bid, ticker.ask) == (None, None)
    assert ticker.time_ms == ms_of("2026-05-18T12:49:21.599Z")


@pytest.mark.anyio
async def test_a_ticker_that_nobody_can_ask_for_is_left_out() -> None:
    odd = BITCOIN | {"id": "odd", "symbol": "figr_heloc"}

    tickers = await provider(CoinGecko, routes({"markets": [odd, BITCOIN]})).tickers()

    assert list(tickers) == ["BTC/USD"]


@pytest.mark.anyio
async def test_every_recorded_ticker_is_keyed_by_its_pair(corpus: Corpus) -> None:
    raw = corpus.recording("coingecko/coins_markets_top100_sparkline_2026")["body"]

    tickers = await provider(CoinGecko, routes({"markets": raw})).tickers()

    assert len(tickers) == sum(row["symbol"].isalnum() for row in raw)
    assert all(key == str(ticker.pair) for key, ticker in tickers.items())
    assert tickers["UNI/USD"].last == next(r for r in raw if r["id"] == "uniswap")["current_price"]
