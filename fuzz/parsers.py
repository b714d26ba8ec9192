"""Every parser of upstreams' answers, what it begins with, and the errors that it may raise."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, Final

from fuzz.seeds import NOW_MS, PAIR, played, recorded
from fuzz.target import Target, of_bodies
from lib.candles import Bar, build_candles
from lib.errors import SourceError
from lib.market import Candle, Candles
from lib.moods import build_history
from lib.providers import (
    alternative_me,
    binance,
    blockchain_info,
    coinbase,
    coingecko,
    coinmarketcap,
    coinpaprika,
    cryptopanic,
    kraken,
    kucoin,
    mempool,
    newsapi,
    okx,
    rss,
    twitter,
    whale_alert,
)
from lib.providers.base import wire_decoder
from lib.queries import AddressQuery, CandleQuery, ForecastQuery, RangeQuery
from lib.timeframes import HOUR_MS
from lib.wire import bitcoin, evm, explorers, feed_xml, hf, histories, llama, rpc
from lib.wire.listings import tickers_of

AT: Final = NOW_MS
ADDRESS: Final = AddressQuery("ethereum", "0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae", 5)
CAPS: Final = RangeQuery("BTC", AT - 10**10, AT)
FIRST_MS: Final = 1_763_000_000_000 // HOUR_MS * HOUR_MS
FORECAST: Final = ForecastQuery(
    PAIR,
    "1h",
    3,
    0.8,
    tuple(
        Candle(FIRST_MS + hour * HOUR_MS, 100.0, 101.0, 99.0, 100.0, 5.0, True) for hour in range(5)
    ),
)

POSTS: Final = (
    b'{"data":[{"id":"1861234567890123456","text":"BTC above 90,000 USD","created_at":'
    b'"2025-11-24T15:00:00.000Z","lang":"en"},{"id":"2","text":"ETH","created_at":'
    b'"2025-11-24T14:00:00Z"}],"meta":{"result_count":2}}',
)
LABELS: Final = (
    b'[[{"label":"positive","score":0.7},{"label":"neutral","score":0.2},{"label":"negative",'
    b'"score":0.1}]]',
    b'[[[{"label":"Bullish","score":0.5},{"label":"Bearish","score":0.5}]]]',
)
QUANTILES: Final = (
    json.dumps(
        {"predictions": [{f"{level:g}": [100.0, 101.5, 102] for level in hf.LEVELS}]}
    ).encode(),
)


_read_json = wire_decoder(Any)


def load_targets() -> Iterator[Target]:
    """Each parser as `module.function`, as far as there is anything to begin with."""
    for name, read, seeds in _rows():
        yield of_bodies(name, read, seeds, (SourceError,))


def _rows() -> Iterator[tuple[str, Callable[[bytes], object], Sequence[bytes]]]:
    yield from _venues()
    yield from _aggregators()
    yield from _press()
    yield from _chains()
    yield from _models()


def _venues() -> Iterator[tuple[str, Callable[[bytes], object], Sequence[bytes]]]:
    yield (
        "binance.parse_tickers",
        _at(binance.parse_tickers),
        (played("^binance.*24hr") + recorded("binance/ticker24hr_all_symbols")),
    )
    yield (
        "binance.parse_bars",
        _candles(binance.parse_bars),
        (
            played("^binance.*klines")
            + recorded("binance/klines_BTCUSDT_1d_page1", "binance/doc_GetKlines")
        ),
    )
    yield (
        "binance.parse_book",
        _of_pair(binance.parse_book),
        (played("^binance.*depth") + recorded("binance/depth_BLZETH", "binance/depth_vcr")),
    )
    yield (
        "binance.parse_trades",
        _of_pair(binance.parse_trades),
        (played("^binance.*trades") + recorded("binance/trades", "binance/doc_GetRecentTrades")),
    )
    yield (
        "binance.parse_exchange",
        _at(binance.parse_exchange),
        (
            played("^binance.*exchangeInfo")
            + recorded("binance/exchangeInfo_full", "binance/exchangeInfo_2019")
        ),
    )
    yield (
        "binance.error_code",
        binance.error_code,
        ((b'{"code":-1121,"msg":"Invalid symbol."}', *recorded("binance/error_invalid_symbol"))),
    )
    yield "coinbase.parse_stats", _no_result(coinbase.parse_stats), played("^coinbase.*stats")
    yield (
        "coinbase.parse_ticker",
        _coinbase_ticker,
        (played("^coinbase.*ticker") + recorded("coinbase/ticker")),
    )
    yield "coinbase.parse_candles", _coinbase_candles, played("^coinbase.*candles")
    yield (
        "coinbase.parse_book",
        _of_pair(coinbase.parse_book),
        (played("^coinbase.*book") + recorded("coinbase/book")),
    )
    yield "coinbase.parse_trades", _of_pair(coinbase.parse_trades), played("^coinbase.*trades")
    yield (
        "kraken.parse_tickers",
        _at(kraken.parse_tickers),
        (played("^kraken.*Ticker") + recorded("kraken/ticker")),
    )
    yield "kraken.parse_rates", _at(kraken.parse_rates), (
        b'{"error":[],"result":{"USDTZUSD":{"a":["1.0","1","1"],"b":["0.9","1","1"],"c":["0.99","1"],'
        b'"v":["5","9"],"p":["1","1"],"h":["1","1"],"l":["1","1"]},"ZEURZUSD":{"a":["1.1","1","1"],"b":'
        b'["1.1","1","1"],"c":["1.1","1"],"v":["5","9"]}}}',
        *played("^kraken.*Ticker"),
    )  # fmt: skip
    yield "kraken.parse_candles", _kraken_candles, played("^kraken.*OHLC")
    yield (
        "kraken.parse_book",
        _of_pair(kraken.parse_book),
        (played("^kraken.*Depth") + recorded("kraken/depth")),
    )
    yield (
        "kraken.parse_trades",
        _of_pair(kraken.parse_trades),
        (played("^kraken.*Trades") + recorded("kraken/trades")),
    )
    yield (
        "kraken.parse_exchange",
        _at(kraken.parse_exchange),
        (played("^kraken.*AssetPairs") + recorded("kraken/assetPairs")),
    )
    yield (
        "kucoin.parse_tickers",
        _at(kucoin.parse_tickers),
        (
            played("^kucoin.*allTickers")
            + recorded("kucoin/allTickers", "kucoin/sdk2024_allTickers")
        ),
    )
    yield (
        "kucoin.parse_bars",
        _candles(kucoin.parse_bars),
        (played("^kucoin.*candles") + recorded("kucoin/doc_GetKlines", "kucoin/sdk2024_klines")),
    )
    yield (
        "kucoin.parse_book",
        _of_pair(kucoin.parse_book),
        (
            played("^kucoin.*level2")
            + recorded("kucoin/orderbook_level2_ANKR-BTC", "kucoin/orderbook_vcr")
        ),
    )
    yield (
        "kucoin.parse_trades",
        _of_pair(kucoin.parse_trades),
        (played("^kucoin.*histories") + recorded("kucoin/doc_GetTradeHistory")),
    )
    yield (
        "kucoin.parse_exchange",
        _at(kucoin.parse_exchange),
        (played("^kucoin.*symbols") + recorded("kucoin/symbols_full", "kucoin/sdk2024_symbols")),
    )
    yield (
        "okx.parse_tickers",
        _at(okx.parse_tickers),
        (played("^okx.*tickers") + recorded("okx/doc_GetTicker")),
    )
    yield (
        "okx.parse_bars",
        _candles(okx.parse_bars),
        (played("^okx.*candles") + recorded("okx/doc_GetKlines")),
    )
    yield (
        "okx.parse_book",
        _of_pair(okx.parse_book),
        (played("^okx.*books") + recorded("okx/doc_GetOrderBook")),
    )
    yield "okx.parse_trades", _of_pair(okx.parse_trades), played("^okx.*trades")
    yield (
        "okx.parse_exchange",
        _at(okx.parse_exchange),
        (played("^okx.*instruments") + recorded("okx/instruments_spot")),
    )


def _aggregators() -> Iterator[tuple[str, Callable[[bytes], object], Sequence[bytes]]]:
    yield (
        "coingecko.parse_listings",
        _listings(coingecko.parse_listings),
        (
            played("^coingecko.*coins/markets")
            + recorded(
                "coingecko/coins_markets_usd", "coingecko/coins_markets_top100_sparkline_2026"
            )
        ),
    )
    yield (
        "coingecko.parse_globals",
        _at(coingecko.parse_globals),
        (played("^coingecko.*/global $") + recorded("coingecko/global", "coingecko/doc_global")),
    )
    yield (
        "coingecko.parse_defi_dominance",
        coingecko.parse_defi_dominance,
        (played("^coingecko.*defi") + recorded("coingecko/global_defi")),
    )
    yield (
        "coingecko.parse_caps",
        lambda body: coingecko.parse_caps(body, CAPS, AT),
        (
            played("^coingecko.*market_chart")
            + recorded("coingecko/market_chart_hourly", "coingecko/doc_market_chart_range")
        ),
    )
    yield (
        "coingecko.parse_coins",
        _at(coingecko.parse_coins),
        (played("^coingecko.*coins/list") + recorded("coingecko/coins_list")),
    )
    yield "coingecko.parse_rates", _at(coingecko.parse_rates), played("^coingecko.*exchange_rates")
    yield (
        "coingecko.parse_trends",
        _at(coingecko.parse_trends),
        (played("^coingecko.*trending") + recorded("coingecko/search_trending")),
    )
    yield (
        "coingecko.parse_ohlc",
        lambda body: coingecko.parse_ohlc(body, "4h"),
        (
            (
                b"[[1763971200000,1,4,1,3],[1763985600000,3,5,2,4],[1764000000000,4,4,3,3.5]]",
                *recorded("coingecko/ohlc_7d", "coingecko/doc_ohlc"),
            )
        ),
    )
    yield (
        "coinmarketcap.parse_listings",
        _listings(coinmarketcap.parse_listings),
        (
            played("^coinmarketcap.*listings")
            + recorded(
                "coinmarketcap/listings_latest_2019", "coinmarketcap/listings_latest_2021_100"
            )
        ),
    )
    yield (
        "coinmarketcap.parse_globals",
        _at(coinmarketcap.parse_globals),
        (played("^coinmarketcap.*global") + recorded("coinmarketcap/global_metrics_latest_2025")),
    )
    yield (
        "coinmarketcap.parse_mood",
        coinmarketcap.parse_mood,
        (
            played("^coinmarketcap.*greed/latest")
            + recorded("coinmarketcap/fear_and_greed_latest_2025")
        ),
    )
    yield (
        "coinmarketcap.parse_moods",
        lambda body: build_history(coinmarketcap.parse_moods(body)),
        (played("^coinmarketcap.*greed/historical")),
    )
    yield (
        "coinpaprika.parse_listings",
        _listings(coinpaprika.parse_listings),
        (played("^coinpaprika.*tickers")),
    )
    yield (
        "coinpaprika.parse_globals",
        _at(coinpaprika.parse_globals),
        played("^coinpaprika.*global"),
    )
    yield "coinpaprika.parse_coins", _at(coinpaprika.parse_coins), played("^coinpaprika.*coins")
    yield (
        "alternative_me.parse_moods",
        alternative_me.parse_moods,
        (played("^alternative_me") + recorded("alternative_me/fng_latest")),
    )
    yield "llama.parse_protocols", _at(llama.parse_protocols), played("^defillama/")
    yield "llama.parse_pools", _at(llama.parse_pools), played("^defillama_yields/")


def _press() -> Iterator[tuple[str, Callable[[bytes], object], Sequence[bytes]]]:
    feeds = played("^rss_") + recorded(
        "rss/coindesk_2026_trimmed", "rss/cointelegraph_2026_trimmed", "rss/rebuilt_decrypt"
    )
    yield "rss.parse_feed", lambda body: rss.parse_feed(body, AT, "An outlet"), feeds
    yield "feed_xml.read_feed", _no_result(feed_xml.read_feed), feeds
    # what is older than two months is no news: these are read on their own days
    yield "cryptopanic.parse_posts", lambda body: cryptopanic.parse_posts(body, 1_764_000_000_000), (
        (b'{"count":2,"results":[{"title":"BTC rises","published_at":"2025-11-24T12:00:00Z","original_url":' b'"https://example.org/a","source":{"title":"An outlet","region":"en","domain":"example.org"},' b'"instruments":[{"code":"BTC"}]},{"title":"ETH falls","published_at":"2025-11-23T12:00:00Z","url":' b'"https://example.org/b","currencies":[{"code":"ETH"}]}]}', *recorded("cryptopanic/rebuilt_posts_v2", "cryptopanic/posts_v1_NEO_2018"))
    )  # fmt: skip
    yield "newsapi.parse_everything", lambda body: newsapi.parse_everything(body, 1_764_000_000_000), (
        (b'{"status":"ok","totalResults":1,"articles":[{"source":{"id":null,"name":"An outlet"},"title":' b'"Bitcoin rises","url":"https://example.org/a","description":"It rises.","content":"It rises. ' b'[+20 chars]","publishedAt":"2025-11-24T12:00:00Z","urlToImage":"https://example.org/a.png"}]}', *recorded("newsapi/everything_crypto_2020"))
    )  # fmt: skip
    yield "twitter.parse_posts", _at(twitter.parse_posts), POSTS


def _chains() -> Iterator[tuple[str, Callable[[bytes], object], Sequence[bytes]]]:
    latest = played("^blockchain_info/latestblock")
    newest = blockchain_info.parse_latest(latest[0])
    yield "blockchain_info.parse_latest", blockchain_info.parse_latest, latest
    yield (
        "blockchain_info.parse_block",
        partial(_block, newest),
        (played("^blockchain_info/rawblock") + recorded("blockchain_info/rawblock_603966_trimmed")),
    )
    yield "mempool.parse_blocks", _no_result(mempool.parse_blocks), played("^mempool/api/v1/blocks")
    yield (
        "mempool.parse_largest",
        lambda body: mempool.parse_largest(body, 5),
        (played("^mempool/api/v1/block/")),
    )
    yield "mempool.parse_spends", _spends, played("^mempool/api/address")
    yield "mempool.parse_spend", _spend, played("^mempool/api/tx/")[:6]
    yield "mempool.parse_fees", _at(mempool.parse_fees), played("^mempool/api/v1/fees")
    yield (
        "whale_alert.parse_alerts",
        lambda body: whale_alert.parse_alerts(body, AT - 10**7, AT),
        (played("^whale_alert") + recorded("whale_alert/transactions_v1_2019")),
    )
    for action, name in (
        ("txlist", "txlist"),
        ("tokentx", "tokentx"),
        ("txlistinternal", "txlistinternal"),
    ):
        seeds = played(f"^etherscan.*action={action}&") + recorded(f"etherscan/{name}_page")
        yield f"explorers.parse_page:{action}", partial(_history, action), seeds
    yield "rpc.parse_result", _no_result(rpc.parse_result), played("^ethereum_rpc")[:6]
    yield (
        "rpc.parse_quantity",
        lambda body: _in_256_bits(rpc.parse_quantity(rpc.parse_result(body))),
        (played("eth_blockNumber") + played("eth_chainId")),
    )
    blocks = played("^ethereum_rpc.*eth_getBlockByNumber")
    yield "evm.parse_block", _evm_block, blocks
    yield "evm.parse_logs", partial(_evm_logs, blocks), played("^ethereum_rpc.*eth_getLogs")
    yield "evm.parse_success", partial(_evm_receipt, blocks), played("^ethereum_rpc.*Receipt")[:4]
    yield (
        "evm.parse_fees",
        lambda body: evm.parse_fees(rpc.parse_result(body), AT),
        (played("eth_feeHistory")),
    )


def _models() -> Iterator[tuple[str, Callable[[bytes], object], Sequence[bytes]]]:
    yield "hf.parse_labels", lambda body: hf.parse_labels(_read_json(body), 1), LABELS
    yield "hf.parse_forecast", lambda body: hf.parse_forecast(_read_json(body), FORECAST), QUANTILES


def _at(parse: Callable[[bytes, int], object]) -> Callable[[bytes], object]:
    return lambda body: parse(body, AT)


def _of_pair(parse: Callable[..., object]) -> Callable[[bytes], object]:
    return lambda body: parse(body, PAIR, AT)


def _no_result(parse: Callable[[bytes], object]) -> Callable[[bytes], object]:
    """For what is only a step on the way: its texts are cleaned by whoever reads them."""

    def read(body: bytes) -> None:
        parse(body)

    return read


def _listings(parse: Callable[[bytes, int], Any]) -> Callable[[bytes], object]:
    """A market table, and the tickers in it."""

    def read(body: bytes) -> object:
        table = parse(body, AT)
        return (table, tickers_of(table))

    return read


def _candles(parse: Callable[[bytes], list[Bar]]) -> Callable[[bytes], Candles]:
    """Bars as they are judged; recorded ones may be of other lengths than those of the sandbox."""

    def read(body: bytes) -> Candles:
        bars = parse(body)
        steps = {b.open_ms - a.open_ms for a, b in pairwise(bars)}
        timeframe = "1d" if steps and all(abs(s) == 86_400_000 for s in steps) else "1h"
        return build_candles(CandleQuery(PAIR, timeframe, 100), bars, AT)

    return read


def _kraken_candles(body: bytes) -> object:
    return [
        kraken.parse_candles(body, CandleQuery(PAIR, timeframe, 100), AT)
        for timeframe in ("1h", "1w")
    ]


def _coinbase_candles(body: bytes) -> object:
    return [
        coinbase.parse_candles([body], CandleQuery(PAIR, timeframe, 100), AT)
        for timeframe in ("1h", "4h", "1w")
    ]


def _coinbase_ticker(body: bytes) -> object:
    """Both halves of a ticker may be damaged."""
    return coinbase.parse_ticker(body, PAIR, AT, coinbase.parse_stats(body))


def _block(newest: str, body: bytes) -> object:
    block_hash = newest if newest.encode() in body else _member(body, "hash")
    return blockchain_info.parse_block(body, block_hash)


def _member(body: bytes, name: str) -> str:
    """A member of the outermost object; "" if there is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return str(found.get(name, "")) if isinstance(found, dict) else ""


def _spends(body: bytes) -> object:
    return [
        (bitcoin.effect_on(spend, "bc1qgdjqv0"), bitcoin.transfers_of(spend))
        for spend in mempool.parse_spends(body)
    ]


def _spend(body: bytes) -> object:
    try:
        status = json.loads(body)["status"]["block_hash"]
    except (ValueError, RecursionError, LookupError, TypeError):
        status = ""
    return bitcoin.transfers_of(mempool.parse_spend(body, _member(body, "txid"), status))


def _history(action: str, body: bytes) -> object:
    page = explorers.parse_page(body, action, ADDRESS)
    return histories.build_transactions(ADDRESS, [page], AT)


def _in_256_bits(number: int) -> None:
    if not 0 <= number < 1 << 256:
        raise AssertionError(f"{number} is no quantity")


def _evm_block(body: bytes) -> object:
    result = rpc.parse_result(body)
    number = _member(result, "number")
    block = evm.parse_block(result, rpc.quantity(number))
    return [
        evm.native_transfer("ethereum", tx, at)
        for tx, at in evm.native_candidates("ethereum", [block])
    ]


def _evm_blocks(blocks: Sequence[bytes]) -> list[evm.Block]:
    results = [rpc.parse_result(body) for body in blocks]
    return [evm.parse_block(one, int(_member(one, "number"), 16)) for one in results]


def _evm_logs(blocks: Sequence[bytes], body: bytes) -> object:
    return evm.token_transfers(
        "ethereum", evm.parse_logs(rpc.parse_result(body)), _evm_blocks(blocks)
    )


def _evm_receipt(blocks: Sequence[bytes], body: bytes) -> object:
    """The receipt of whichever transaction it names."""
    result = rpc.parse_result(body)
    told = [(tx, block) for block in _evm_blocks(blocks) for tx in block.transactions]
    named = _member(result, "transactionHash")
    tx, block = next((one for one in told if one[0].hash == named), told[0])
    return evm.parse_success(result, tx, block)
