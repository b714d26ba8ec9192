"""WS /ws/ticker: prices of pairs, at most one a second each and only when something changed."""

from lib.endpoint import Channel
from lib.feeds import TICKERS
from lib.live.messages import TickerUpdate, ticker_update

channels = (
    Channel(
        name="ticker",
        path="/ws/ticker",
        feed=TICKERS,
        message=TickerUpdate,
        project=ticker_update,
    ),
)
