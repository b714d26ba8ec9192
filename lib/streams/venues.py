"""Every venue whose stream we read, in no order: feeds have their own."""

from collections.abc import Awaitable, Callable, Mapping

from lib.streams.base import VenueStream
from lib.streams.binance import BinanceStream
from lib.streams.coinbase import CoinbaseStream
from lib.streams.kraken import KrakenStream
from lib.streams.kucoin import KuCoinStream
from lib.streams.okx import OkxStream


def build_streams(
    urls: Mapping[str, str], ask_kucoin: Callable[[], Awaitable[bytes]]
) -> list[VenueStream]:
    """The streams, at their own addresses or those given by venue name.

    Args:
        ask_kucoin: asks KuCoin for a token.
    """
    return [
        BinanceStream(urls.get("binance")),
        CoinbaseStream(urls.get("coinbase")),
        KrakenStream(urls.get("kraken")),
        OkxStream(urls.get("okx")),
        KuCoinStream(ask_kucoin, urls.get("kucoin")),
    ]
