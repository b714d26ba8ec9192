"""What a field must be for a front end to make sense of it: its type and more."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
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


def day_ms(value: Any) -> bool:
    """Unix milliseconds of the last two days."""
    return whole(value) and NOW_MS - 2 * 86_400_000 <= value <= NOW_MS


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


def unit(value: Any) -> bool:
    """A probability or a confidence."""
    return number(value) and 0 <= value <= 1


def polar(value: Any) -> bool:
    """A score from -1 to 1."""
    return number(value) and -1 <= value <= 1


def hundredths(value: Any) -> bool:
    """An index."""
    return whole(value) and value <= 100


def between_0_and_100(value: Any) -> bool:
    """A score of a hundred."""
    return number(value) and 0 <= value <= 100


def iso_time(value: Any) -> bool:
    """ISO-8601 in UTC."""
    return text(value) and value.endswith("Z") and datetime.fromisoformat(value).tzinfo is UTC


def any_ms(value: Any) -> bool:
    """Unix milliseconds of some day after 2009: no seconds, no microseconds."""
    return whole(value) and 1.23e12 < value < 1.9e12


def texts(value: Any) -> bool:
    """Words, perhaps none."""
    return isinstance(value, list) and all(text(one) for one in value)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Null, which `meta.missing` must then explain, or this."""

    sense: Sense

    def __call__(self, value: Any) -> bool:
        """Whether it is."""
        return value is None or self.sense(value)


@dataclass(frozen=True, slots=True)
class Rows:
    """An array of at least one row, each with these fields."""

    senses: dict[str, Sense]

    def __call__(self, value: Any) -> bool:
        """Whether it is."""
        return isinstance(value, list) and value != [] and not nonsense(value, self.senses)


@dataclass(frozen=True, slots=True)
class Object:
    """An object with these fields."""

    senses: dict[str, Sense]

    def __call__(self, value: Any) -> bool:
        """Whether it is."""
        return isinstance(value, dict) and not nonsense(value, self.senses)


def of_any_day(sense: Sense) -> Sense:
    """The same where the data are of another day than the test's."""
    match sense:
        case Maybe(inner):
            return Maybe(of_any_day(inner))
        case Rows(fields):
            return Rows({name: of_any_day(inner) for name, inner in fields.items()})
        case Object(fields):
            return Object({name: of_any_day(inner) for name, inner in fields.items()})
        case _:
            return any_ms if sense in (recent_ms, past_ms, day_ms) else sense


def exactly(wanted: Any) -> Sense:
    """This value."""
    return lambda value: value == wanted and type(value) is type(wanted)


def one_of(*wanted: str) -> Sense:
    """One of these words."""
    return lambda value: value in wanted


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
