"""WS /ws: what today's front ends speak. No hello: the first frame is the answer."""

from lib.endpoint import Channel
from lib.feeds import TICKERS
from lib.live.messages import TickerUpdate, ticker_update

channels = (
    Channel(
        name="market_data",
        path="/ws",
        feed=TICKERS,
        message=TickerUpdate,
        project=ticker_update,
        greets=False,
        marks=(("type", "market_data"),),
    ),
)
