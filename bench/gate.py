"""Fails when a hit has become dear: a guard for CI, on ratios with wide margins.

    python -m bench.gate

Service and yardsticks are measured by turns in one run. What is let through is far below the
goals: a shared machine is noisy, and only a mistake costs a third. Needs wrk.

Takes some 20 seconds. Ends with 1 if a hit has become dear, else with 0.
"""

import sys

from bench import micro
from bench.door import measure
from lib.command import command

LEAST = {1: 0.7, 2: 0.65, 4: 0.6}
MOST_MICRO = 3.0
"""So many times its goal may a look-up, or the limiter, take."""


def main() -> int:
    """1 if a ratio fell below what is let through."""
    command(__doc__).parse_args()
    findings = measure(seconds=1, rounds=2, paths=("price",))
    findings += micro.measure_fast()
    failed = False
    for one in findings:
        limit = one.goal * MOST_MICRO if one.at_most else LEAST[one.row]
        passes = one.value <= limit if one.at_most else one.value >= limit
        failed |= not passes
        sign = "≤" if one.at_most else "≥"
        print(f"{'ok  ' if passes else 'FAIL'} {one.what}: {one.value:.2f} ({sign} {limit:.2f})")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
