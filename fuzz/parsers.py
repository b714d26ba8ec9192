"""Every parser of upstreams' answers, what it begins with, and the errors that it may raise."""

import json
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from fuzz.readers import (
    AT,
    CAPS,
    FORECAST,
    at,
    block,
    evm_block,
    evm_logs,
    evm_receipt,
    history,
    in_256_bits,
    listings,
    no_result,
    spend,
    spends,
)
from fuzz.seeds import played, recorded
from fuzz.target import Target, of_bodies
from fuzz.venues import Row
from fuzz.venues import rows as venue_rows
from lib.errors import SourceError
from lib.moods import build_history
from lib.providers import (
    alternative_me,
    blockchain_info,
    coinpaprika,
    cryptopanic,
    mempool,
    newsapi,
    rss,
    twitter,
    whale_alert,
)
from lib.wire import (
    coingecko,
    coingecko_charts,
    coingecko_coins,
    coinmarketcap,
    coinmarketcap_moods,
    evm,
    feed_xml,
    hf,
    llama,
    rpc,
)
from lib.wire.typed import wire_decoder

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


def _rows() -> Iterator[Row]:
    yield from venue_rows()
    yield from _aggregators()
    yield from _press()
    yield from _chains()
    yield from _models()


def _aggregators() -> Iterator[Row]:
    yield (
        "coingecko.parse_listings",
        listings(coingecko.parse_listings),
        (
            played("^coingecko.*coins/markets")
            + recorded(
                "coingecko/coins_markets_usd", "coingecko/coins_markets_top100_sparkline_2026"
            )
        ),
    )
    yield (
        "coingecko.parse_globals",
        at(coingecko.parse_globals),
        (played("^coingecko.*/global $") + recorded("coingecko/global", "coingecko/doc_global")),
    )
    yield (
        "coingecko.parse_defi_dominance",
        coingecko.parse_defi_dominance,
        (played("^coingecko.*defi") + recorded("coingecko/global_defi")),
    )
    yield (
        "coingecko_charts.parse_caps",
        lambda body: coingecko_charts.parse_caps(body, CAPS, AT),
        (
            played("^coingecko.*market_chart")
            + recorded("coingecko/market_chart_hourly", "coingecko/doc_market_chart_range")
        ),
    )
    yield (
        "coingecko_coins.parse_coins",
        at(coingecko_coins.parse_coins),
        (played("^coingecko.*coins/list") + recorded("coingecko/coins_list")),
    )
    yield (
        "coingecko_coins.parse_rates",
        at(coingecko_coins.parse_rates),
        played("^coingecko.*exchange_rates"),
    )
    yield (
        "coingecko_coins.parse_trends",
        at(coingecko_coins.parse_trends),
        (played("^coingecko.*trending") + recorded("coingecko/search_trending")),
    )
    yield (
        "coingecko_charts.parse_ohlc",
        lambda body: coingecko_charts.parse_ohlc(body, "4h"),
        (
            (
                b"[[1763971200000,1,4,1,3],[1763985600000,3,5,2,4],[1764000000000,4,4,3,3.5]]",
                *recorded("coingecko/ohlc_7d", "coingecko/doc_ohlc"),
            )
        ),
    )
    yield (
        "coinmarketcap.parse_listings",
        listings(coinmarketcap.parse_listings),
        (
            played("^coinmarketcap.*listings")
            + recorded(
                "coinmarketcap/listings_latest_2019", "coinmarketcap/listings_latest_2021_100"
            )
        ),
    )
    yield (
        "coinmarketcap.parse_globals",
        at(coinmarketcap.parse_globals),
        (played("^coinmarketcap.*global") + recorded("coinmarketcap/global_metrics_latest_2025")),
    )
    yield (
        "coinmarketcap_moods.parse_mood",
        coinmarketcap_moods.parse_mood,
        (
            played("^coinmarketcap.*greed/latest")
            + recorded("coinmarketcap/fear_and_greed_latest_2025")
        ),
    )
    yield (
        "coinmarketcap_moods.parse_moods",
        lambda body: build_history(coinmarketcap_moods.parse_moods(body)),
        (played("^coinmarketcap.*greed/historical")),
    )
    yield (
        "coinpaprika.parse_listings",
        listings(coinpaprika.parse_listings),
        (played("^coinpaprika.*tickers")),
    )
    yield (
        "coinpaprika.parse_globals",
        at(coinpaprika.parse_globals),
        played("^coinpaprika.*global"),
    )
    yield "coinpaprika.parse_coins", at(coinpaprika.parse_coins), played("^coinpaprika.*coins")
    yield (
        "alternative_me.parse_moods",
        alternative_me.parse_moods,
        (played("^alternative_me") + recorded("alternative_me/fng_latest")),
    )
    yield "llama.parse_protocols", at(llama.parse_protocols), played("^defillama/")
    yield "llama.parse_pools", at(llama.parse_pools), played("^defillama_yields/")


def _press() -> Iterator[Row]:
    feeds = played("^rss_") + recorded(
        "rss/coindesk_2026_trimmed", "rss/cointelegraph_2026_trimmed", "rss/rebuilt_decrypt"
    )
    yield "rss.parse_feed", lambda body: rss.parse_feed(body, AT, "An outlet"), feeds
    yield "feed_xml.read_feed", no_result(feed_xml.read_feed), feeds
    # what is older than two months is no news: these are read on their own days
    yield "cryptopanic.parse_posts", lambda body: cryptopanic.parse_posts(body, 1_764_000_000_000), (
        (b'{"count":2,"results":[{"title":"BTC rises","published_at":"2025-11-24T12:00:00Z","original_url":' b'"https://example.org/a","source":{"title":"An outlet","region":"en","domain":"example.org"},' b'"instruments":[{"code":"BTC"}]},{"title":"ETH falls","published_at":"2025-11-23T12:00:00Z","url":' b'"https://example.org/b","currencies":[{"code":"ETH"}]}]}', *recorded("cryptopanic/rebuilt_posts_v2", "cryptopanic/posts_v1_NEO_2018"))
    )  # fmt: skip
    yield "newsapi.parse_everything", lambda body: newsapi.parse_everything(body, 1_764_000_000_000), (
        (b'{"status":"ok","totalResults":1,"articles":[{"source":{"id":null,"name":"An outlet"},"title":' b'"Bitcoin rises","url":"https://example.org/a","description":"It rises.","content":"It rises. ' b'[+20 chars]","publishedAt":"2025-11-24T12:00:00Z","urlToImage":"https://example.org/a.png"}]}', *recorded("newsapi/everything_crypto_2020"))
    )  # fmt: skip
    yield "twitter.parse_posts", at(twitter.parse_posts), POSTS


def _chains() -> Iterator[Row]:
    latest = played("^blockchain_info/latestblock")
    newest = blockchain_info.parse_latest(latest[0])
    yield "blockchain_info.parse_latest", blockchain_info.parse_latest, latest
    yield (
        "blockchain_info.parse_block",
        partial(block, newest),
        (played("^blockchain_info/rawblock") + recorded("blockchain_info/rawblock_603966_trimmed")),
    )
    yield "mempool.parse_blocks", no_result(mempool.parse_blocks), played("^mempool/api/v1/blocks")
    yield (
        "mempool.parse_largest",
        lambda body: mempool.parse_largest(body, 5),
        (played("^mempool/api/v1/block/")),
    )
    yield "mempool.parse_spends", spends, played("^mempool/api/address")
    yield "mempool.parse_spend", spend, played("^mempool/api/tx/")[:6]
    yield "mempool.parse_fees", at(mempool.parse_fees), played("^mempool/api/v1/fees")
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
        yield f"explorers.parse_page:{action}", partial(history, action), seeds
    yield "rpc.parse_result", no_result(rpc.parse_result), played("^ethereum_rpc")[:6]
    yield (
        "rpc.parse_quantity",
        lambda body: in_256_bits(rpc.parse_quantity(rpc.parse_result(body))),
        (played("eth_blockNumber") + played("eth_chainId")),
    )
    blocks = played("^ethereum_rpc.*eth_getBlockByNumber")
    yield "evm.parse_block", evm_block, blocks
    yield "evm.parse_logs", partial(evm_logs, blocks), played("^ethereum_rpc.*eth_getLogs")
    yield "evm.parse_success", partial(evm_receipt, blocks), played("^ethereum_rpc.*Receipt")[:4]
    yield (
        "evm.parse_fees",
        lambda body: evm.parse_fees(rpc.parse_result(body), AT),
        (played("eth_feeHistory")),
    )


def _models() -> Iterator[Row]:
    yield "hf.parse_labels", lambda body: hf.parse_labels(_read_json(body), 1), LABELS
    yield "hf.parse_forecast", lambda body: hf.parse_forecast(_read_json(body), FORECAST), QUANTILES
