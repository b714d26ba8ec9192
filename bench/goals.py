"""What a benchmark found, beside its goal. The rows of goals stand in docs/scaling.md."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table.

    Attributes:
        row: of the goals.
        measured: both sides of the figure, with units, as they were measured.
        value: what is compared with the goal: a ratio, or a figure in `unit`.
        at_most: the goal is an upper limit.
    """

    row: int
    what: str
    measured: str
    value: float
    goal: float
    at_most: bool = False
    unit: str = "x"

    @property
    def holds(self) -> bool:
        """Whether the goal is reached."""
        return self.value <= self.goal if self.at_most else self.value >= self.goal


def show(findings: Iterable[Finding]) -> None:
    """Print a table; a goal missed is said, not hidden."""
    print(f"\n{'row':<4}{'what':<58}{'measured':<36}{'value':>10}{'goal':>11}")
    for one in findings:
        value, goal = (_figure(number, one.unit) for number in (one.value, one.goal))
        sign = "≤" if one.at_most else "≥"
        print(
            f"{one.row:<4}{one.what:<58}{one.measured:<36}{value:>10}{sign + ' ' + goal:>11}"
            + ("" if one.holds else "  missed")
        )


def _figure(number: float, unit: str) -> str:
    digits = 0 if number >= 100 or (number == int(number) and abs(number) >= 10) else 2
    return f"{number:,.{digits}f} {unit}"
