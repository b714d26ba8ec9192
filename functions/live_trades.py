"""WS /ws/trades: every trade of pairs."""

from lib.endpoint import Channel
from lib.feeds import TRADES
from lib.live.messages import TradeUpdate, trade_update

channels = (
    Channel(
        name="trades",
        path="/ws/trades",
        feed=TRADES,
        message=TradeUpdate,
        project=trade_update,
        delivery="queue",
    ),
)
