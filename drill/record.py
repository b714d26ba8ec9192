"""What is noted while a phase lasts."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

MOST_TOLD: Final = 20
"""Violations that are told in full for each phase; all are counted."""


@dataclass
class Record:
    """A phase's counts.

    Attributes:
        answers: by status; 0 where no server answered.
        refusals: why there was a status above 499, by path and code.
        moved: requests that the first server did not answer and the other did.
        recovery_s: from the end of the fault until all is well; `None` if it never was.
        health_s: from its beginning until /health told; `None` where it need not.
        rows: ledger rows that answers promised and that were found.
        longest_ms: the longest wait for an answer.
        late_ms: how late the drill itself came to its turn at worst: the machine was busy.
    """

    phase: str
    answers: Counter[int] = field(default_factory=Counter)
    stale: int = 0
    moved: int = 0
    messages: int = 0
    gaps: int = 0
    statuses: int = 0
    rows: int = 0
    longest_ms: int = 0
    late_ms: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    recovery_s: float | None = None
    health_s: float | None = None
    violations: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """How many were made."""
        return sum(self.answers.values())

    @property
    def available(self) -> float:
        """Percent of requests that got an answer below 500."""
        good = sum(count for status, count in self.answers.items() if 0 < status < 500)
        return 100.0 * good / self.requests if self.requests else 100.0

    @property
    def stale_share(self) -> float:
        """Percent of requests that were answered by something labelled stale."""
        return 100.0 * self.stale / self.requests if self.requests else 0.0

    def violate(self, rule: str, example: str) -> None:
        """An invariant did not hold."""
        self.violations[rule] += 1
        if len(self.examples) < MOST_TOLD:
            self.examples.append(f"{rule}: {example}")


class Log:
    """The record of the phase that runs, and those of phases gone by.

    Attributes:
        dark: no upstream can answer, or could not a moment ago: then there may be nothing to serve.
    """

    def __init__(self) -> None:
        self.records: list[Record] = [Record("start")]
        self.dark = True

    @property
    def now(self) -> Record:
        """The running phase's."""
        return self.records[-1]

    def turn(self, phase: str, *, dark: bool) -> Record:
        """Begin a phase."""
        self.dark = dark
        self.records.append(Record(phase))
        return self.now
