"""What the highway tells whoever counts: one call a source, one lookup a value."""

from typing import Protocol


class Observer(Protocol):
    """Receives events; it must not raise and must not wait."""

    def called(self, source: str, feed: str, outcome: str, seconds: float) -> None:
        """One source was asked and this came of it."""

    def looked_up(self, feed: str, age: str) -> None:
        """A value was asked for and was found `hit`, `stale` or had to be fetched (`miss`)."""


class Unobserved:
    """Nobody counts."""

    def called(self, source: str, feed: str, outcome: str, seconds: float) -> None: ...

    def looked_up(self, feed: str, age: str) -> None: ...


class Several:
    """Tells several observers."""

    def __init__(self, *observers: Observer) -> None:
        self._observers = observers

    def called(self, source: str, feed: str, outcome: str, seconds: float) -> None:
        for one in self._observers:
            one.called(source, feed, outcome, seconds)

    def looked_up(self, feed: str, age: str) -> None:
        for one in self._observers:
            one.looked_up(feed, age)
