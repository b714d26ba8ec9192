"""An aggregator on paper: small answers, damage done to them, and a provider that asks it."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
from hypothesis import strategies as st

from lib.errors import SourceError
from lib.providers.base import Provider
from tests.conftest import StillClock

P = TypeVar("P", bound=Provider)
Answer = Callable[[httpx.Request], httpx.Response]

PAYLOADS = Path(__file__).resolve().parents[2] / "payloads"
NOW_MS = 1_764_000_000_000  # 2025-11-24 16:00 UTC, the still clock's time

NONSENSE = (b"", b"<html>maintenance</html>", b'{"data":', b"null", b"7", b'"x"', b"[]", b"{}")
"""What comes with status 200 now and then, and is no answer to anything."""


def payload(name: str) -> bytes:
    """A small answer written from the provider's documentation."""
    return (PAYLOADS / f"{name}.json").read_bytes()


def provider(
    kind: type[P], answer: Answer, *, key: str | None = None, base_url: str | None = None
) -> P:
    """A provider whose upstream answers so."""
    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return kind(client, StillClock(), base_url, key)


def damaged(*bodies: bytes) -> st.SearchStrategy[bytes]:
    """Sound answers in which a value went wrong, or a piece of the text."""
    return st.sampled_from(bodies).flatmap(lambda body: _with_odd_value(body) | _with_hole(body))


def raises_only_source_errors(read: Callable[[], object]) -> bool:
    """Whether reading gives an answer of finite numbers, or one of our own errors."""
    try:
        found = read()
    except SourceError:
        return True
    return all(math.isfinite(number) for number in numbers(found))


def numbers(value: Any) -> list[float]:
    """Every float inside a result."""
    if isinstance(value, float):
        return [value]
    if isinstance(value, dict):
        return [n for item in value.values() for n in numbers(item)]
    if isinstance(value, tuple | list):
        return [n for item in value for n in numbers(item)]
    fields = getattr(value, "__struct_fields__", ())
    return [n for field in fields for n in numbers(getattr(value, field))]


_ODD: tuple[Any, ...] = (None, "", "nan", "inf", "-inf", "x", -1, 0, "0", 1e308, 10**30, 0.5)
_ODDER: tuple[Any, ...] = (True, [], {}, [[]], "\N{DOG FACE}", "9999-12-31", 1e-320, "0001-01-01")


@st.composite
def _with_odd_value(draw: st.DrawFn, body: bytes) -> bytes:
    document = json.loads(body)
    for _ in range(draw(st.integers(1, 3))):
        document = _replaced(draw, document)
    return json.dumps(document).encode()


@st.composite
def _with_hole(draw: st.DrawFn, body: bytes) -> bytes:
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 20)))
    return body[:start] + draw(st.binary(max_size=8)) + body[end:]


def _replaced(draw: st.DrawFn, value: Any) -> Any:
    """Walk down to a random place and put something odd there, or take it away."""
    if not value or not isinstance(value, dict | list) or draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from(_ODD + _ODDER))
    if isinstance(value, dict):
        key = draw(st.sampled_from(sorted(value)))
        if draw(st.integers(0, 7)) == 0:
            return {name: inner for name, inner in value.items() if name != key}
        return {**value, key: _replaced(draw, value[key])}
    at = draw(st.integers(0, len(value) - 1))
    return [*value[:at], _replaced(draw, value[at]), *value[at + 1 :]]
