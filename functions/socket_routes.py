"""Sockets on Lambda: API Gateway's `$connect`, `$disconnect` and `$default`."""

from adapters.aws.live import socket_handler
from functions import load_channels
from lib.feeds import TICKERS
from lib.trigger import Trigger

trigger = Trigger(
    routes=("$connect", "$disconnect", "$default"),
    feeds=(TICKERS,),
    table=("GetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
    methods=("POST", "DELETE"),
    timeout_s=15,
)
handler = socket_handler(trigger, load_channels)
