"""Time frames as front ends spell them: minutes, capitals and venues' words beside our own."""

from typing import Annotated, Final

from pydantic import BeforeValidator

from lib.market import Timeframe
from lib.timeframes import MINUTE_MS, TIMEFRAME_MS

_WORDS: Final = {
    "min": "m", "minute": "m", "hour": "h", "day": "d", "week": "w",
}  # fmt: skip

SPELLINGS: Final[dict[str, str]] = (
    {str(step // MINUTE_MS): frame for frame, step in TIMEFRAME_MS.items()}
    # no capital M: to most people it is a month
    | {frame.upper(): frame for frame in TIMEFRAME_MS if not frame.endswith("m")}
    | {
        frame[:-1] + word: frame
        for frame in TIMEFRAME_MS
        for word, letter in _WORDS.items()
        if frame.endswith(letter)
    }
    | {"D": "1d", "W": "1w"}
)
"""What else each time frame is called: `60`, `1H` and `1hour` are `1h`."""


def plain_timeframe(value: object) -> object:
    """Our own spelling of a time frame; anything unknown stays as it is, to be refused."""
    text = str(value).strip() if isinstance(value, str | int) else value
    return SPELLINGS.get(text, text) if isinstance(text, str) else text


AnyTimeframe = Annotated[Timeframe, BeforeValidator(plain_timeframe)]
"""A time frame in any spelling."""
