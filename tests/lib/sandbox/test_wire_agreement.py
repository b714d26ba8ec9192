"""Ticker, book, trades and bars of a venue tell one story."""

from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from tests.lib.sandbox.conftest import NOW_MS, Ask


class Story(NamedTuple):
    """What a venue says about a pair just now; trades are (time in s, price, amount)."""

    last: Decimal
    high: Decimal
    low: Decimal
    volume: Decimal
    bid: Decimal
    ask: Decimal
    bids: list[Decimal]
    asks: list[Decimal]
    trades: list[tuple[int, Decimal, Decimal]]


def told(last: Any, high: Any, low: Any, volume: Any, bid: Any, offer: Any, **rest: Any) -> Story:
    return Story(*(Decimal(value) for value in (last, high, low, volume, bid, offer)), **rest)


def prices(side: list[list[Any]]) -> list[Decimal]:
    return [Decimal(level[0]) for level in side]


def binance(ask: Ask, coin: str) -> Story:
    t = ask("/binance/api/v3/ticker/24hr", symbol=f"{coin}USDT")
    book = ask("/binance/api/v3/depth", symbol=f"{coin}USDT", limit=100)
    rows = ask("/binance/api/v3/trades", symbol=f"{coin}USDT", limit=200)
    return told(
        *(t[k] for k in "lastPrice highPrice lowPrice volume bidPrice askPrice".split()),
        bids=prices(book["bids"]),
        asks=prices(book["asks"]),
        trades=[(r["time"] // 1000, Decimal(r["price"]), Decimal(r["qty"])) for r in rows],
    )


def kraken(ask: Ask, coin: str) -> Story:
    name = {"BTC": "XBT"}.get(coin, coin) + "USD"
    ((_, t),) = ask("/kraken/0/public/Ticker", pair=name)["result"].items()
    ((_, book),) = ask("/kraken/0/public/Depth", pair=name)["result"].items()
    trades = ask("/kraken/0/public/Trades", pair=name, count=200)["result"]
    (rows,) = (rows for key, rows in trades.items() if key != "last")
    return told(
        *(t["c"][0], t["h"][1], t["l"][1], t["v"][1], t["b"][0], t["a"][0]),
        bids=prices(book["bids"]),
        asks=prices(book["asks"]),
        trades=[(int(r[2]), Decimal(r[0]), Decimal(r[1])) for r in rows],
    )


def kucoin(ask: Ask, coin: str) -> Story:
    t = ask("/kucoin/api/v1/market/stats", symbol=f"{coin}-USDT")["data"]
    book = ask("/kucoin/api/v1/market/orderbook/level2_100", symbol=f"{coin}-USDT")["data"]
    rows = ask("/kucoin/api/v1/market/histories", symbol=f"{coin}-USDT")["data"]
    return told(
        *(t[k] for k in "last high low vol buy sell".split()),
        bids=prices(book["bids"]),
        asks=prices(book["asks"]),
        trades=[(r["time"] // 10**9, Decimal(r["price"]), Decimal(r["size"])) for r in rows],
    )


def okx(ask: Ask, coin: str) -> Story:
    (t,) = ask("/okx/api/v5/market/ticker", instId=f"{coin}-USDT")["data"]
    (book,) = ask("/okx/api/v5/market/books", instId=f"{coin}-USDT", sz=100)["data"]
    rows = ask("/okx/api/v5/market/trades", instId=f"{coin}-USDT", limit=200)["data"]
    return told(
        *(t[k] for k in "last high24h low24h vol24h bidPx askPx".split()),
        bids=prices(book["bids"]),
        asks=prices(book["asks"]),
        trades=[(int(r["ts"]) // 1000, Decimal(r["px"]), Decimal(r["sz"])) for r in rows[::-1]],
    )


def coinbase(ask: Ask, coin: str) -> Story:
    path = f"/coinbase/products/{coin}-USD"
    t, day = ask(f"{path}/ticker"), ask(f"{path}/stats")
    book = ask(f"{path}/book", level=2)
    rows = ask(f"{path}/trades", limit=200)
    first = NOW_MS // 1000 - rows[0]["trade_id"]  # trades are numbered by the second
    return told(
        *(t["price"], day["high"], day["low"], t["volume"], t["bid"], t["ask"]),
        bids=prices(book["bids"]),
        asks=prices(book["asks"]),
        trades=[
            (first + r["trade_id"], Decimal(r["price"]), Decimal(r["size"])) for r in rows[::-1]
        ],
    )


VENUES = [binance, kraken, kucoin, okx, coinbase]


@pytest.mark.parametrize("tell", VENUES)
@pytest.mark.parametrize("coin", ["BTC", "DOGE", "SHIB", "1INCH"])
def test_ticker_book_and_trades_agree(ask: Ask, tell: Any, coin: str) -> None:
    coin = "XDG" if tell is kraken and coin == "DOGE" else coin
    story = tell(ask, coin)

    assert story.trades[-1][0] == NOW_MS // 1000
    assert story.trades[-1][1] == story.last
    assert story.last in (story.bid, story.ask)
    assert story.bid < story.ask
    assert story.low <= story.last <= story.high
    assert all(story.low <= price <= story.high for _, price, _ in story.trades)
    assert (story.bids[0], story.asks[0]) == (story.bid, story.ask)
    assert story.bids == sorted(set(story.bids), reverse=True)
    assert story.asks == sorted(set(story.asks))
    assert min(story.bids) > 0
    assert len(story.asks) >= 100
    assert [second for second, _, _ in story.trades] == sorted(s for s, _, _ in story.trades)


@pytest.mark.parametrize("coin", ["BTC", "SOL", "PEPE"])
def test_the_trades_of_a_whole_minute_make_its_bar(ask: Ask, coin: str) -> None:
    minute = NOW_MS // 60_000 * 60 - 60
    rows = ask("/binance/api/v3/klines", symbol=f"{coin}USDT", interval="1m", limit=2)
    (_, o, h, low, c, volume, *_) = rows[0]

    made = [t for t in binance(ask, coin).trades if minute <= t[0] < minute + 60]

    paid = [price for _, price, _ in made]
    assert (paid[0], max(paid), min(paid), paid[-1]) == tuple(map(Decimal, (o, h, low, c)))
    assert sum(amount for _, _, amount in made) == Decimal(volume)


def test_the_day_is_what_its_minutes_say(ask: Ask) -> None:
    path, now = "/binance/api/v3/klines", NOW_MS // 60_000 * 60_000
    first = now - 1439 * 60_000
    asked = {"symbol": "ETHUSDT", "interval": "1m", "limit": 1000}

    rows = ask(path, startTime=first, **asked) + ask(path, startTime=first + 60_000_000, **asked)
    day = ask("/binance/api/v3/ticker/24hr", symbol="ETHUSDT")

    assert len(rows) == 1440
    assert Decimal(day["openPrice"]) == Decimal(rows[0][1])
    assert Decimal(day["highPrice"]) == max(Decimal(row[2]) for row in rows)
    assert Decimal(day["lowPrice"]) == min(Decimal(row[3]) for row in rows)
    assert Decimal(day["lastPrice"]) == Decimal(rows[-1][4])
    assert Decimal(day["volume"]) == sum(Decimal(row[5]) for row in rows)
    assert Decimal(day["quoteVolume"]) == sum(Decimal(row[7]) for row in rows)
    assert day["count"] == sum(row[8] for row in rows)


def test_aggregators_and_venues_agree_on_the_price(ask: Ask) -> None:
    price = float(ask("/binance/api/v3/ticker/price", symbol="BTCUSDT")["price"])

    (gecko,) = ask("/coingecko/coins/markets", vs_currency="usd", ids="bitcoin")
    cmc = ask("/coinmarketcap/public-api/v3/cryptocurrency/listings/latest")["data"]
    paprika = ask("/coinpaprika/v1/tickers/btc-bitcoin")
    simple = ask("/coingecko/simple/price", ids="bitcoin", vs_currencies="usd")

    assert gecko["current_price"] == price
    assert next(row for row in cmc if row["id"] == 1)["quote"][0]["price"] == price
    assert paprika["quotes"]["USD"]["price"] == price
    assert simple == {"bitcoin": {"usd": price}}
    chart = ask("/coingecko/coins/bitcoin/market_chart", vs_currency="usd", days=1)
    assert chart["prices"][-1] == [NOW_MS // 1000 * 1000, price]
    bars = ask("/coingecko/coins/bitcoin/ohlc", vs_currency="usd", days=1)
    assert bars[-1][4] == price


def test_euros_and_dollars_keep_their_rate(ask: Ask) -> None:
    rates = ask("/coingecko/exchange_rates")["rates"]
    euros = float(ask("/kraken/0/public/Ticker", pair="XBTEUR")["result"]["XXBTZEUR"]["c"][0])
    dollars = float(ask("/kraken/0/public/Ticker", pair="XBTUSD")["result"]["XXBTZUSD"]["c"][0])
    fiat = float(ask("/kraken/0/public/Ticker", pair="EURUSD")["result"]["ZEURZUSD"]["c"][0])

    assert dollars / euros == pytest.approx(rates["usd"]["value"] / rates["eur"]["value"], rel=1e-6)
    assert fiat == pytest.approx(dollars / euros, rel=0.01)
