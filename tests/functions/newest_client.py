"""The rules by which the newest front end refuses an answer, each with what it says then."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

HOUR_MS = 3_600_000


def lacks_provenance(body: Any) -> list[str]:
    """An envelope that does not say whose its numbers are, of when, and whether all is well."""
    meta = body.get("meta") or {}
    wrong = [
        name
        for name in ("as_of", "fetched_at", "fresh_until")
        if not (isinstance(meta.get(name), int) and meta[name] > 1e12)
    ]
    if not (isinstance(meta.get("source"), str) and meta["source"]):
        wrong.append("source")
    if not isinstance(meta.get("degraded"), bool):
        wrong.append("degraded")
    return [f"meta.{name}: {meta.get(name)!r}" for name in wrong]


def has_gaps(body: Any, step_ms: int = HOUR_MS) -> list[str]:
    """Candles that do not follow one on the other."""
    opens = [candle["timestamp"] for candle in body["candles"]]
    return [f"{one} … {next_}" for one, next_ in pairwise(opens) if next_ - one != step_ms]


def runs(body: Any, now_ms: int, step_ms: int = HOUR_MS) -> list[str]:
    """A last candle that is not finished."""
    last = body["candles"][-1]["timestamp"]
    return [f"{last} ends after {now_ms}"] if last + step_ms > now_ms else []


def is_old(body: Any, now_ms: int) -> list[str]:
    """A last candle of three hours ago."""
    last = body["candles"][-1]["timestamp"]
    return [f"{last} at {now_ms}"] if last < now_ms - 3 * HOUR_MS else []


def lacks_hash(body: Any) -> list[str]:
    """Whales that nobody can look up."""
    found = [row.get("hash") for row in body["data"]]
    return [f"hash: {one!r}" for one in found if not (isinstance(one, str) and one.strip())]


def lacks_amount(body: Any) -> list[str]:
    """Whales that move nothing."""
    found = [row.get("amount") for row in body["data"]]
    return [f"amount: {one!r}" for one in found if not (_is_number(one) and one > 0)]


def is_too_sure(body: Any) -> list[str]:
    """A confidence that is no share, wherever it stands; one at least is looked for."""
    found = [value for name, value in _fields(body) if name == "confidence"]
    wrong = [f"confidence: {one!r}" for one in found if not (_is_number(one) and 0 <= one <= 1)]
    return wrong if found else ["confidence: absent"]


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name, inner
            yield from _fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _fields(inner)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
