"""Sockets on Lambda: what is followed, asked for every few seconds and posted to its followers."""

from adapters.aws.live import pump_handler
from functions import load_channels
from lib.feeds import BOOKS, CANDLES, TICKERS, TRADES
from lib.trigger import Trigger

trigger = Trigger(
    every_min=1,
    feeds=(TICKERS, TRADES, BOOKS, CANDLES),
    table=("Query", "PutItem", "DeleteItem", "BatchWriteItem"),
    methods=("POST",),
    timeout_s=59,  # the next call comes a minute after this one
)
handler = pump_handler(trigger, load_channels)
