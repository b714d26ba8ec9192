"""The table of feeds: what can be asked, from whom, in which order, and how long it keeps."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from lib.chain import Fees, Transactions, Transfers
from lib.defi import Pools, Protocols
from lib.market import (
    Book,
    Candles,
    CapHistory,
    Coins,
    Exchange,
    GlobalStats,
    Listings,
    Rates,
    Ticker,
    Trades,
    Trends,
)
from lib.news import MoodHistory, News, Verdicts
from lib.outlook import Forecast
from lib.queries import (
    AddressQuery,
    CandleQuery,
    Everything,
    ForecastQuery,
    ListQuery,
    PairQuery,
    Query,
    RangeQuery,
    TextsQuery,
)

Q = TypeVar("Q", bound=Query)
T = TypeVar("T")

HOUR, DAY = 3600, 86400


@dataclass(frozen=True, slots=True)
class Feed(Generic[Q, T]):
    """One kind of data. Ages in seconds: below `fresh_s` it is simply served; below `stale_s` it
    is served while it is refreshed; below `keep_s` it is served when every source is down.

    Attributes:
        sources: names of providers, in the order in which they are asked.
        budget_s: what all of them together may take.
        settled_s: instead of `fresh_s` for an answer that can change no more.
        degraded_s: at most, for an answer of a second choice.
    """

    name: str
    query: type[Q]
    result: type[T]
    sources: tuple[str, ...]
    fresh_s: float
    stale_s: float
    keep_s: float
    budget_s: float = 2.3
    settled_s: float | None = None
    degraded_s: float | None = None

    def fresh_for(self, query: Query, fetched_ms: int, *, degraded: bool = False) -> float:
        """How many seconds an answer that was fetched then is simply served."""
        fresh_s = self.fresh_s
        if self.settled_s and query.settled(fetched_ms):
            fresh_s = self.settled_s
        return min(fresh_s, self.degraded_s) if degraded and self.degraded_s else fresh_s


VENUES = ("binance", "coinbase", "kraken", "okx", "kucoin")
OUTLETS = (
    "rss_coindesk", "rss_cointelegraph", "rss_theblock", "rss_decrypt", "rss_bitcoinmagazine",
    "rss_thedefiant", "rss_cryptoslate", "rss_unchained", "rss_googlenews",
)  # fmt: skip
"""Outlets with a public RSS feed, the one to name first where several tell the same story."""
KEYED_NEWS = ("cryptopanic", "newsapi", "twitter")

# fmt: off
#                        name         query        result       sources, in order                                                   fresh stale keep
TICKERS   = Feed("tickers",   PairQuery,   Ticker,      (*VENUES, "coingecko"),                                                5,    60,   300)
CANDLES   = Feed("candles",   CandleQuery, Candles,     ("binance", "kucoin", "okx", "kraken", "coinbase", "coingecko"),      60,   600,   DAY, settled_s=DAY)
BOOKS     = Feed("books",     PairQuery,   Book,        ("binance", "kraken", "okx", "coinbase", "kucoin"),                    2,    10,    60)
TRADES    = Feed("trades",    PairQuery,   Trades,      ("binance", "kraken", "okx", "coinbase", "kucoin"),                    2,    10,    60)
EXCHANGES = Feed("exchanges", Everything,  Exchange,    ("binance", "okx", "kraken", "kucoin"),                             HOUR,   DAY, 7 * DAY)
LISTINGS  = Feed("listings",  ListQuery,   Listings,    ("coingecko", "coinmarketcap", "coinpaprika"),                       600,  HOUR,   DAY)
GLOBALS   = Feed("globals",   Everything,  GlobalStats, ("coingecko", "coinmarketcap", "coinpaprika"),                       300,  HOUR,   DAY)
CAPS      = Feed("caps",      RangeQuery,  CapHistory,  ("coingecko",),                                                       300,  HOUR,   DAY, settled_s=DAY)
COINS     = Feed("coins",     Everything,  Coins,       ("coingecko", "coinpaprika"),                                        DAY, 7 * DAY, 7 * DAY)
RATES     = Feed("rates",     Everything,  Rates,       ("coingecko", "kraken"),                                            HOUR,   DAY, 7 * DAY)
TRENDS    = Feed("trends",    Everything,  Trends,      ("coingecko",),                                                      600,  HOUR,   DAY)
MOODS     = Feed("moods",     Everything,  MoodHistory, ("alternative_me", "coinmarketcap"),                                 600,  HOUR,   DAY)
SENTIMENT = Feed("sentiment", TextsQuery,  Verdicts,    ("huggingface", "embedded_sentiment"),                              DAY,   DAY,   DAY, degraded_s=30)
FORECASTS = Feed("forecasts", ForecastQuery, Forecast,   ("huggingface", "embedded_forecast"),                               120,   600,  HOUR, degraded_s=30)
PROTOCOLS = Feed("protocols", Everything,  Protocols,   ("defillama",),                                                      600,  HOUR,   DAY)
POOLS     = Feed("pools",     Everything,  Pools,       ("defillama_yields",),                                               600,  HOUR,   DAY)
TRANSACTIONS         = Feed("transactions",         AddressQuery, Transactions, ("etherscan", "routescan", "blockscout"),     60,   600,  HOUR)
BITCOIN_TRANSACTIONS = Feed("bitcoin_transactions", AddressQuery, Transactions, ("mempool",),                                 60,   600,  HOUR)
ETHEREUM_TRANSFERS   = Feed("ethereum_transfers",   Everything,   Transfers,    ("ethereum_rpc",),                            60,   600,  HOUR)
BSC_TRANSFERS        = Feed("bsc_transfers",        Everything,   Transfers,    ("bsc_rpc",),                                 60,   600,  HOUR)
POLYGON_TRANSFERS    = Feed("polygon_transfers",    Everything,   Transfers,    ("polygon_rpc",),                             60,   600,  HOUR)
BITCOIN_TRANSFERS    = Feed("bitcoin_transfers",    Everything,   Transfers,    ("mempool", "blockchain_info"),               60,   600,  HOUR)
WHALE_ALERTS         = Feed("whale_alerts",         Everything,   Transfers,    ("whale_alert",),                             60,   600,  HOUR)
ETHEREUM_FEES        = Feed("ethereum_fees",        Everything,   Fees,         ("ethereum_rpc",),                            60,   600,  HOUR)
BSC_FEES             = Feed("bsc_fees",             Everything,   Fees,         ("bsc_rpc",),                                 60,   600,  HOUR)
POLYGON_FEES         = Feed("polygon_fees",         Everything,   Fees,         ("polygon_rpc",),                             60,   600,  HOUR)
BITCOIN_FEES         = Feed("bitcoin_fees",         Everything,   Fees,         ("mempool",),                                 60,   600,  HOUR)
# fmt: on

NEWS = tuple(
    Feed(f"news_{source.removeprefix('rss_')}", Everything, News, (source,), 300, HOUR, DAY)
    for source in (*OUTLETS, *KEYED_NEWS)
)
"""One feed a source: news is what all of them say, so that none can stand in for another and each
is kept, and fails, on its own."""


def load_feeds() -> tuple[Feed[Query, object], ...]:
    """Every feed of the table."""
    return (*(value for value in globals().values() if isinstance(value, Feed)), *NEWS)
