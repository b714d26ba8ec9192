"""Long passes of the garbage collector are not made again over what stays."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.collector import Collector


@contextmanager
def collecting(long_s: float, thorough_s: float = 3600) -> Iterator[None]:
    collector = Collector(long_s, thorough_s)
    collector.begin()
    try:
        yield
    finally:
        collector.end()


class Circle:
    """Is never freed but by the collector."""

    freed = 0

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        Circle.freed += 1


def test_what_a_long_pass_found_alive_is_set_aside() -> None:
    with collecting(long_s=0):
        before = gc.get_freeze_count()
        kept = [[] for _ in range(10_000)]  # type: ignore[var-annotated]
        gc.collect()

        assert gc.get_freeze_count() >= before + len(kept)


def test_what_a_short_pass_found_alive_is_looked_at_again() -> None:
    with collecting(long_s=3600):
        before = gc.get_freeze_count()
        kept = [[] for _ in range(10_000)]  # type: ignore[var-annotated]
        gc.collect()

        assert gc.get_freeze_count() <= before
        assert kept


def test_circles_that_died_aside_are_freed_in_time() -> None:
    freed = Circle.freed
    with collecting(long_s=3600):
        circle = Circle()
        gc.freeze()
        del circle
        gc.collect()
        aside = Circle.freed - freed
    with collecting(long_s=3600, thorough_s=0):
        circle = Circle()
        gc.freeze()
        del circle
        gc.collect()  # takes everything back
        gc.collect()

        assert (aside, Circle.freed - freed) == (0, 2)


def test_at_the_end_the_collector_is_as_it_was() -> None:
    callbacks = list(gc.callbacks)
    with collecting(long_s=0):
        assert len(gc.callbacks) == len(callbacks) + 1

    assert gc.callbacks == callbacks
    assert gc.get_freeze_count() == 0
