"""What a field must be for a front end to make sense of it: its type and more."""

from collections.abc import Callable
from typing import Any

from tests.house import NOW_MS

Sense = Callable[[Any], bool]

LATE_MS = 120_000


def number(value: Any) -> bool:
    """A finite number; JSON has no others."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def positive(value: Any) -> bool:
    """A price."""
    return number(value) and value > 0


def amount(value: Any) -> bool:
    """A volume."""
    return number(value) and value >= 0


def whole(value: Any) -> bool:
    """A count or a rank."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def text(value: Any) -> bool:
    """Words."""
    return isinstance(value, str) and value != ""


def capitals(value: Any) -> bool:
    """An asset's ticker."""
    return text(value) and value == value.upper() and "/" not in value


def pair(value: Any) -> bool:
    """BASE/QUOTE."""
    return text(value) and value.count("/") == 1 and value == value.upper()


def recent_ms(value: Any) -> bool:
    """Unix milliseconds of just now."""
    return whole(value) and NOW_MS - LATE_MS <= value <= NOW_MS


def past_ms(value: Any) -> bool:
    """Unix milliseconds of a bar's open, on a whole minute."""
    return whole(value) and NOW_MS - 4e11 < value <= NOW_MS and value % 60_000 == 0


def percent(value: Any) -> bool:
    """A change in percent."""
    return number(value) and value > -100


def share(value: Any) -> bool:
    """A share in percent."""
    return number(value) and 0 < value < 100


def address(value: Any) -> bool:
    """Where an image is."""
    return text(value) and value.startswith("https://")


def flag(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def maybe(sense: Sense) -> Sense:
    """Or null, which `meta.missing` must then explain."""
    return lambda value: value is None or sense(value)


def exactly(wanted: Any) -> Sense:
    """This value."""
    return lambda value: value == wanted and type(value) is type(wanted)


def one_of(*wanted: str) -> Sense:
    """One of these words."""
    return lambda value: value in wanted


def rows_of(senses: dict[str, Sense]) -> Sense:
    """An array of at least one row, each with these fields."""
    return lambda value: isinstance(value, list) and value != [] and not nonsense(value, senses)


def nonsense(value: Any, senses: dict[str, Sense]) -> list[str]:
    """Fields that are absent or make no sense, of one object or of each of an array's."""
    objects = value if isinstance(value, list) else [value]
    return [
        f"{name}: {one.get(name, 'absent')!r}"
        for one in objects
        for name, sense in senses.items()
        if name not in one or not sense(one[name])
    ]


def ascends(bars: list[dict[str, Any]], key: str, step_ms: int) -> bool:
    """Each bar follows on the one before."""
    opens = [bar[key] for bar in bars]
    return opens == list(range(opens[0], opens[0] + step_ms * len(opens), step_ms))


def sound(bar: dict[str, Any], *names: str) -> bool:
    """High and low contain open and close; the names are those of open, high, low, close."""
    o, h, low, c = (bar[name] for name in names)
    return bool(0 < low <= min(o, c) and h >= max(o, c))
