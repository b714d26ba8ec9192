"""The ledger on Lambda: what was forecast, judged every five minutes by what came of it."""

from adapters.aws.scoring import scoring_handler
from lib.feeds import CANDLES
from lib.trigger import Trigger

trigger = Trigger(every_min=5, feeds=(CANDLES,), timeout_s=60)
handler = scoring_handler(trigger)
