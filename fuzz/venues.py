"""The parsers of venues: tickers, candles, books, trades and rules of pairs."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from fuzz.readers import (
    at,
    candles,
    coinbase_candles,
    coinbase_ticker,
    kraken_candles,
    no_result,
    of_pair,
)
from fuzz.seeds import played, recorded
from lib.wire import (
    binance,
    binance_rules,
    coinbase,
    kraken,
    kraken_rules,
    kucoin,
    kucoin_rules,
    okx,
    okx_rules,
)

Row: TypeAlias = tuple[str, Callable[[bytes], object], Sequence[bytes]]
"""A parser as `module.function`, how it is called, and sound answers to begin with."""


def rows() -> Iterator[Row]:
    yield (
        "binance.parse_tickers",
        at(binance.parse_tickers),
        (played("^binance.*24hr") + recorded("binance/ticker24hr_all_symbols")),
    )
    yield (
        "binance.parse_bars",
        candles(binance.parse_bars),
        (
            played("^binance.*klines")
            + recorded("binance/klines_BTCUSDT_1d_page1", "binance/doc_GetKlines")
        ),
    )
    yield (
        "binance.parse_book",
        of_pair(binance.parse_book),
        (played("^binance.*depth") + recorded("binance/depth_BLZETH", "binance/depth_vcr")),
    )
    yield (
        "binance.parse_trades",
        of_pair(binance.parse_trades),
        (played("^binance.*trades") + recorded("binance/trades", "binance/doc_GetRecentTrades")),
    )
    yield (
        "binance_rules.parse_exchange",
        at(binance_rules.parse_exchange),
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
    yield "coinbase.parse_stats", no_result(coinbase.parse_stats), played("^coinbase.*stats")
    yield (
        "coinbase.parse_ticker",
        coinbase_ticker,
        (played("^coinbase.*ticker") + recorded("coinbase/ticker")),
    )
    yield "coinbase.parse_candles", coinbase_candles, played("^coinbase.*candles")
    yield (
        "coinbase.parse_book",
        of_pair(coinbase.parse_book),
        (played("^coinbase.*book") + recorded("coinbase/book")),
    )
    yield "coinbase.parse_trades", of_pair(coinbase.parse_trades), played("^coinbase.*trades")
    yield (
        "kraken.parse_tickers",
        at(kraken.parse_tickers),
        (played("^kraken.*Ticker") + recorded("kraken/ticker")),
    )
    yield "kraken.parse_rates", at(kraken.parse_rates), (
        b'{"error":[],"result":{"USDTZUSD":{"a":["1.0","1","1"],"b":["0.9","1","1"],"c":["0.99","1"],'
        b'"v":["5","9"],"p":["1","1"],"h":["1","1"],"l":["1","1"]},"ZEURZUSD":{"a":["1.1","1","1"],"b":'
        b'["1.1","1","1"],"c":["1.1","1"],"v":["5","9"]}}}',
        *played("^kraken.*Ticker"),
    )  # fmt: skip
    yield "kraken.parse_candles", kraken_candles, played("^kraken.*OHLC")
    yield (
        "kraken.parse_book",
        of_pair(kraken.parse_book),
        (played("^kraken.*Depth") + recorded("kraken/depth")),
    )
    yield (
        "kraken.parse_trades",
        of_pair(kraken.parse_trades),
        (played("^kraken.*Trades") + recorded("kraken/trades")),
    )
    yield (
        "kraken_rules.parse_exchange",
        at(kraken_rules.parse_exchange),
        (played("^kraken.*AssetPairs") + recorded("kraken/assetPairs")),
    )
    yield (
        "kucoin.parse_tickers",
        at(kucoin.parse_tickers),
        (
            played("^kucoin.*allTickers")
            + recorded("kucoin/allTickers", "kucoin/sdk2024_allTickers")
        ),
    )
    yield (
        "kucoin.parse_bars",
        candles(kucoin.parse_bars),
        (played("^kucoin.*candles") + recorded("kucoin/doc_GetKlines", "kucoin/sdk2024_klines")),
    )
    yield (
        "kucoin.parse_book",
        of_pair(kucoin.parse_book),
        (
            played("^kucoin.*level2")
            + recorded("kucoin/orderbook_level2_ANKR-BTC", "kucoin/orderbook_vcr")
        ),
    )
    yield (
        "kucoin.parse_trades",
        of_pair(kucoin.parse_trades),
        (played("^kucoin.*histories") + recorded("kucoin/doc_GetTradeHistory")),
    )
    yield (
        "kucoin_rules.parse_exchange",
        at(kucoin_rules.parse_exchange),
        (played("^kucoin.*symbols") + recorded("kucoin/symbols_full", "kucoin/sdk2024_symbols")),
    )
    yield (
        "okx.parse_tickers",
        at(okx.parse_tickers),
        (played("^okx.*tickers") + recorded("okx/doc_GetTicker")),
    )
    yield (
        "okx.parse_bars",
        candles(okx.parse_bars),
        (played("^okx.*candles") + recorded("okx/doc_GetKlines")),
    )
    yield (
        "okx.parse_book",
        of_pair(okx.parse_book),
        (played("^okx.*books") + recorded("okx/doc_GetOrderBook")),
    )
    yield "okx.parse_trades", of_pair(okx.parse_trades), played("^okx.*trades")
    yield (
        "okx_rules.parse_exchange",
        at(okx_rules.parse_exchange),
        (played("^okx.*instruments") + recorded("okx/instruments_spot")),
    )
