"""A function that reads outside input, where its input comes from, and how it is tried."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from fuzz.damage import bodies
from fuzz.sound import fault

BATCH: Final = 1000
"""Cases that hypothesis remembers at a time."""

SLOW_S: Final = 0.5
"""No input of this size takes so long; whatever does, takes minutes when it is larger."""

PHASES: Final = (Phase.explicit, Phase.generate, Phase.shrink)


@dataclass(frozen=True, slots=True)
class Target:
    """What is tried.

    Attributes:
        read: is given one input; what it returns must be sound.
        inputs: where inputs come from.
        expected: the errors that are documented.
    """

    name: str
    read: Callable[[Any], object]
    inputs: st.SearchStrategy[Any]
    expected: tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that broke something; `input` is the smallest that hypothesis came to."""

    target: str
    input: object
    error: BaseException

    def __str__(self) -> str:
        return f"{self.target}: {type(self.error).__name__}: {self.error}\n  input {self.input!r}"


class Unsound(AssertionError):
    """Something came out of a parser that never may."""


def of_bodies(
    name: str,
    read: Callable[[bytes], object],
    seeds: Sequence[bytes],
    expected: tuple[type[Exception], ...],
) -> Target:
    """A target whose inputs are damaged bodies.

    Raises:
        ValueError: none of the bodies is sound to begin with, so that nothing would be tried.
    """
    if not any(_reads(read, body, expected) for body in seeds):
        raise ValueError(f"{name}: none of {len(seeds)} beginnings can be read")
    return Target(name, read, bodies(seeds), expected)


def _reads(
    read: Callable[[bytes], object], body: bytes, expected: tuple[type[Exception], ...]
) -> bool:
    try:
        return fault(read(body)) is None
    except expected:
        return False


def attempt(target: Target, given_input: object) -> None:
    """Let the target read one input.

    Raises:
        Unsound: it took too long, or what it returned must never leave it.
    """
    began = time.perf_counter()
    result = _result(target, given_input)
    if time.perf_counter() - began > SLOW_S:  # or the machine was busy: by the process's own time
        began = time.process_time()
        _result(target, given_input)
        took_s = time.process_time() - began
        if took_s > SLOW_S:
            raise Unsound(f"took {took_s:.1f} s")
    found = fault(result)
    if found:
        raise Unsound(found)


def _result(target: Target, given_input: object) -> object:
    try:
        return target.read(given_input)
    except target.expected:
        return None


def try_out(
    target: Target, cases: int, first_seed: int = 0, until: float = float("inf")
) -> tuple[int, Finding | None]:
    """Try so many inputs, or until the monotonic clock says `until`; the same seed, the same
    inputs. How many were tried, and what was found."""
    tried = 0
    failing: dict[str, object] = {}

    def once(one: object) -> None:
        nonlocal tried
        tried += 1
        failing["input"] = one
        attempt(target, one)

    batch = 0
    while tried < cases and time.monotonic() < until:
        before = tried
        budget = settings(
            max_examples=min(BATCH, cases - tried),
            phases=PHASES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        check = budget(seed(first_seed + batch)(given(target.inputs)(once)))
        try:
            check()
        except BaseExceptionGroup as errors:
            return tried, Finding(target.name, failing["input"], errors.exceptions[0])
        except Exception as error:
            return tried, Finding(target.name, failing["input"], error)
        batch += 1
        if tried == before:
            break
    return tried, None


def by_name(targets: Iterable[Target]) -> Mapping[str, Target]:
    """Targets by their names, each once."""
    return {target.name: target for target in targets}
