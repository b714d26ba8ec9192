"""WS /ws/ohlcv: running bars, and each bar as it closes."""

from lib.endpoint import Channel
from lib.feeds import CANDLES
from lib.live.messages import BarUpdate, bar_update

channels = (
    Channel(
        name="ohlcv",
        path="/ws/ohlcv",
        feed=CANDLES,
        message=BarUpdate,
        project=bar_update,
        timeframed=True,
    ),
)
