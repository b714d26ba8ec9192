"""What may leave a parser: numbers that are what their unit says, texts that can be shown, and a
value that survives being stored."""

import math
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct

from lib.chain import Amount, Gwei
from lib.market import CapPoint, GlobalStats, Listing, Rates
from lib.units import BaseAmount, Money, Percent, Price, QuoteAmount, QuoteVolume, UnixMs

LAST_MS: Final = 10**13
"""The year 2286: a later time is a wrong unit."""

UNKNOWN_TIME: Final = 0
"""What a stream's frame has that states no time; whoever reads the stream dates it."""


def _above_zero(value: float) -> bool:
    return 0 < value < math.inf


def _not_below_zero(value: float) -> bool:
    return 0 <= value < math.inf


def _time(value: float) -> bool:
    return UNKNOWN_TIME <= value < LAST_MS


_UNITS: Final[tuple[tuple[Any, Callable[[float], bool]], ...]] = (
    (Price, _above_zero),
    (Gwei, _not_below_zero),
    (Amount, _not_below_zero),
    (BaseAmount, _not_below_zero),
    (QuoteAmount, _not_below_zero),
    (QuoteVolume, _not_below_zero),
    (Money, _not_below_zero),
    (Percent, math.isfinite),
    (UnixMs, _time),
)
_RULES: Final = {id(unit.__metadata__[0]): rule for unit, rule in _UNITS}

_PRICES: Final[Mapping[Any, tuple[str, ...]]] = {
    Listing: ("price", "high_24h", "low_24h", "ath", "atl", "market_cap"),
    GlobalStats: ("total_market_cap",),
    CapPoint: ("market_cap",),
    Rates: ("per_usd",),
}
"""Amounts of money that are prices, or worth something for sure."""


def fault(result: object) -> str | None:
    """The first thing in a result that must never leave a parser; `None` if it is sound."""
    found = next(_faults(result, None, "result"), None)
    return found or _lost_in_store(result)


def _faults(value: Any, hint: Any, path: str) -> Iterator[str]:
    if get_origin(hint) is Annotated:
        rule = next((r for m in hint.__metadata__ if (r := _RULES.get(id(m)))), None)
        if rule and value is not None and not rule(value):
            yield f"{path} is {value!r}"
            return
        hint = get_args(hint)[0]
    if isinstance(value, float) and not math.isfinite(value):
        yield f"{path} is {value!r}"
    elif isinstance(value, str):
        if any(ch < " " and ch not in "\n\t" for ch in value) or "\x7f" in value:
            yield f"{path} holds control characters: {value[:80]!r}"
    elif isinstance(value, Mapping):
        inner = get_args(hint)[1] if get_origin(hint) is dict else None
        for key, one in value.items():
            yield from _faults(key, None, path)
            yield from _faults(one, inner, f"{path}[{str(key)[:30]!r}]")
    elif isinstance(value, Struct) or hasattr(value, "_fields"):
        yield from _faults_of_fields(value, path)
    elif isinstance(value, list | tuple):
        for at, one in enumerate(value):
            yield from _faults(one, _hint_at(hint, at), f"{path}[{at}]")


def _faults_of_fields(value: Any, path: str) -> Iterator[str]:
    kind: Any = type(value)
    hints, sure = _hints(kind), _PRICES.get(kind, ())
    for name in hints:
        one = getattr(value, name)
        yield from _faults(one, _without_none(hints[name]), f"{path}.{name}")
        for number in one.values() if isinstance(one, Mapping) else [one]:
            if name in sure and number is not None and not _above_zero(number):
                yield f"{path}.{name} is {number!r}"


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind, include_extras=True)
    names = getattr(kind, "__struct_fields__", None) or kind._fields
    return {name: hints[name] for name in names}


@cache
def _without_none(hint: Any) -> Any:
    if get_origin(hint) is Annotated:
        return hint
    options = [option for option in get_args(hint) if option is not type(None)]
    optional = type(None) in get_args(hint) and len(options) == 1
    return options[0] if optional else hint


def _hint_at(hint: Any, at: int) -> Any:
    inner = get_args(hint)
    if not inner or get_origin(hint) not in (tuple, list):
        return None
    return inner[0] if get_origin(hint) is list or Ellipsis in inner else inner[at]


def _lost_in_store(result: object) -> str | None:
    """Values go into the store and into replies as JSON."""
    if not isinstance(result, Struct):
        return None
    try:
        again = msgspec.json.decode(msgspec.json.encode(result), type=type(result))
    except (msgspec.MsgspecError, UnicodeError, OverflowError) as error:
        return f"cannot be stored: {error}"
    return None if again == result else "comes back from the store as something else"
