"""Every spelling of a symbol, on every endpoint that takes one."""

from typing import Any

import pytest

from lib.feeds import COINS
from lib.market import Coin, Coins
from lib.queries import Everything
from lib.sourced import Sourced
from tests.house import NOW_MS, House

RANGE = f"from={NOW_MS - 3 * 86_400_000}&to={NOW_MS}"

ASSET_ENDPOINTS = {
    "price": "/api/price/{}",
    "history": "/api/history/price/{}?" + RANGE,
}
PAIR_ENDPOINTS = {
    "ticker": "/api/ticker/{}",
    "orderbook": "/api/orderbook/{}",
    "trades": "/api/trades/{}",
    "ohlcv": "/api/ohlcv?timeframe=1h&limit=2&symbol={}",
}
ENDPOINTS = ASSET_ENDPOINTS | PAIR_ENDPOINTS

PAIRS = [
    "BTCUSDT",
    "btcusdt",
    "BtcUsdt",
    "BTC/USDT",
    "btc/usdt",
    "BTC%2FUSDT",
    "btc%2fusdt",
    "BTC-USDT",
    "BTC_USDT",
    "BTC:USDT",
    "XBT/USDT",
]
BARE = ["BTC", "btc", "Btc", "XBT", "%42TC"]


@pytest.mark.parametrize("spelling", BARE)
@pytest.mark.parametrize("endpoint", ASSET_ENDPOINTS)
async def test_an_asset_is_echoed_as_an_asset(house: House, endpoint: str, spelling: str) -> None:
    answer = await house.get(ASSET_ENDPOINTS[endpoint].format(spelling))

    assert (answer.status, answer.json["symbol"]) == (200, "BTC")


@pytest.mark.parametrize("spelling", PAIRS)
@pytest.mark.parametrize("endpoint", ASSET_ENDPOINTS)
async def test_a_pair_is_echoed_as_a_pair(house: House, endpoint: str, spelling: str) -> None:
    answer = await house.get(ASSET_ENDPOINTS[endpoint].format(spelling))

    assert (answer.status, answer.json["symbol"]) == (200, "BTC/USDT")


@pytest.mark.parametrize("spelling", BARE + PAIRS)
@pytest.mark.parametrize("endpoint", PAIR_ENDPOINTS)
async def test_endpoints_of_pairs_echo_the_pair(house: House, endpoint: str, spelling: str) -> None:
    answer = await house.get(PAIR_ENDPOINTS[endpoint].format(spelling))

    assert (answer.status, answer.json["symbol"]) == (200, "BTC/USDT")


def numbers(body: Any) -> Any:
    """A reply without its symbol and the story of how it came about."""
    return {name: value for name, value in body.items() if name not in ("symbol", "meta")}


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_every_spelling_means_the_same(house: House, endpoint: str) -> None:
    told = [
        numbers((await house.get(ENDPOINTS[endpoint].format(spelling))).json)
        for spelling in BARE + PAIRS
    ]

    assert told == [told[0]] * len(told)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("spelling", "base", "pair"),
    [
        ("USDT", "USDT", "USDT/USD"),
        ("1INCH", "1INCH", "1INCH/USDT"),
        ("1INCHUSDT", "1INCH/USDT", "1INCH/USDT"),
        ("C98", "C98", "C98/USDT"),
        ("C98USDT", "C98/USDT", "C98/USDT"),
        ("BTCEUR", "BTC/EUR", "BTC/EUR"),
        ("BNBUSDT", "BNB/USDT", "BNB/USDT"),
        ("TURBO", "TURBO", "TURBO/USDT"),
    ],
)
async def test_traps_are_not_walked_into(
    house: House, endpoint: str, spelling: str, base: str, pair: str
) -> None:
    answer = await house.get(ENDPOINTS[endpoint].format(spelling))

    if spelling == "USDT" and endpoint not in ("price", "ticker"):
        # no venue of the sandbox must list Tether in dollars: then nobody knows the pair
        assert answer.status in (200, 404)
        named = answer.json["symbol"] if answer.status == 200 else answer.error["details"]["symbol"]
    else:
        assert answer.status == 200
        named = answer.json["symbol"]
    assert named in (base, pair)
    if answer.status == 200:
        assert named == (base if endpoint in ASSET_ENDPOINTS else pair)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("MATIC", "POL"),
        ("FTM", "S"),
        ("RNDR", "RENDER"),
        ("EOS", "A"),
        ("MKR", "SKY"),
        ("XBT", "BTC"),
        ("XDG", "DOGE"),
    ],
)
async def test_a_renamed_asset_is_found_and_the_reply_says_so(
    house: House, endpoint: str, old: str, new: str
) -> None:
    answer = await house.get(ENDPOINTS[endpoint].format(old))

    echo = new if endpoint in ASSET_ENDPOINTS else f"{new}/USDT"
    assert (answer.status, answer.json["symbol"]) == (200, echo)
    assert answer.json["meta"]["renamed_from"] == old


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_a_present_name_is_not_renamed(house: House, endpoint: str) -> None:
    answer = await house.get(ENDPOINTS[endpoint].format("POL"))

    assert "renamed_from" not in answer.json["meta"]


async def test_the_market_table_knows_old_names_too(house: House) -> None:
    answer = await house.get("/api/market?symbols=MATIC,btcusdt,xdg")

    assert {row["symbol"] for row in answer.json["items"]} == {"POL", "BTC", "DOGE"}
    assert answer.json["meta"]["renamed_from"] == "MATIC,XDG"


@pytest.fixture
def crowded(house: House) -> House:
    """A house that has seen a list of coins in which several call themselves UNI."""
    rows = (
        Coin("uniswap", "UNI", "Uniswap"),
        Coin("unicorn-token", "UNI", "Unicorn Token"),
        Coin("universe-token", "UNI", "Universe"),
        Coin("bitcoin", "BTC", "Bitcoin"),
    )
    kept = Sourced(Coins(rows, NOW_MS), "coingecko", (), NOW_MS, NOW_MS)
    house.runtime.highway.shelf.put(COINS, Everything(), kept)
    return house


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_an_ambiguous_ticker_means_the_largest_and_lists_the_others(
    crowded: House, endpoint: str
) -> None:
    answer = await crowded.get(ENDPOINTS[endpoint].format("UNI"))

    assert answer.json["meta"]["ambiguous"] == [
        {"id": "unicorn-token", "name": "Unicorn Token", "rank": None},
        {"id": "universe-token", "name": "Universe", "rank": None},
    ]


async def test_a_ticker_of_one_coin_is_not_ambiguous(crowded: House) -> None:
    answer = await crowded.get("/api/price/BTC")

    assert "ambiguous" not in answer.json["meta"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize(
    "unknown", ["NOSUCHCOIN", "NOSUCHCOINUSDT", "BTC/NOSUCH", "ABCDEFGHIJKLMNOPQRST"]
)
async def test_a_well_formed_symbol_that_nobody_knows_is_a_404(
    house: House, endpoint: str, unknown: str
) -> None:
    answer = await house.get(ENDPOINTS[endpoint].format(unknown))

    assert (answer.status, answer.error["code"]) == (404, "INVALID_SYMBOL")
    assert set(answer.error["details"]) == {"symbol", "supported_symbols", "suggestions"}


async def test_a_near_miss_is_pointed_at(house: House) -> None:
    answer = await house.get("/api/price/DOEG")

    assert "DOGE" in answer.error["details"]["suggestions"]


async def test_a_symbol_that_nobody_knows_is_not_asked_again_at_once(house: House) -> None:
    await house.get("/api/orderbook/NOSUCHCOIN")
    calls = house.calls

    again = await house.get("/api/orderbook/NOSUCHCOIN")

    assert again.status == 404
    assert house.calls == calls
