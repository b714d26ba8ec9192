"""What a listener follows, and what that asks of upstreams."""

from typing import NamedTuple

from lib.endpoint import Channel
from lib.errors import InvalidParameter
from lib.market import Pair
from lib.streams.base import Wanted
from lib.timeframes import TIMEFRAME_MS

DEFAULT_TIMEFRAME = "1m"


class Topic(NamedTuple):
    """A channel's messages about one pair, in one timeframe if it has such."""

    channel: str
    pair: Pair
    timeframe: str = ""

    @property
    def key(self) -> str:
        """`ticker:BTC/USDT`, `ohlcv:BTC/USDT:1m`."""
        text = f"{self.channel}:{self.pair.base}/{self.pair.quote}"
        return f"{text}:{self.timeframe}" if self.timeframe else text


def parse_topic(key: str) -> Topic:
    """Read what `Topic.key` wrote."""
    channel, symbol, *rest = key.split(":")
    base, _, quote = symbol.partition("/")
    return Topic(channel, Pair(base, quote), rest[0] if rest else "")


def wanted_of(channel: Channel, topic: Topic) -> Wanted:
    """What upstreams are asked for."""
    return Wanted(channel.feed.name, topic.pair, topic.timeframe)


def read_timeframe(channel: Channel, stated: object) -> str:
    """The timeframe of a subscription; nothing for channels that have none.

    Raises:
        InvalidParameter: there is no such timeframe.
    """
    if not channel.timeframed:
        return ""
    if stated is None:
        return DEFAULT_TIMEFRAME
    if not isinstance(stated, str) or stated not in TIMEFRAME_MS:
        raise InvalidParameter.of("timeframe", stated, "one of " + ", ".join(TIMEFRAME_MS))
    return stated
