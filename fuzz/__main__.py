"""Hostile input for every parser and every operation: `make fuzz`.

    python -m fuzz [--cases N] [--seconds S] [--seed N] [PART …]

Parts: parsers streams words asgi http; all of them by default. A name such as `kraken` instead
tries the targets that hold it.

Takes about an hour. Ends with 1 if anything was found, else with 0.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Final

from fuzz import parsers, streams, words
from fuzz.target import Target, try_out
from lib.command import command

PURE: Final = {"parsers": parsers, "streams": streams, "words": words}
ASKED: Final = ("asgi", "http")
CASES: Final = 10_000
"""Of each pure function; of each way to ask, together with its own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Try what the command line names; the process's exit code."""
    options = _options(arguments)
    parts = options.part or [*PURE, *ASKED]
    until = time.monotonic() + options.seconds if options.seconds else float("inf")
    logging.disable(logging.CRITICAL)  # what the service logs about hostile input is not our report
    findings = 0
    for target in _targets(parts):
        began = time.monotonic()
        tried, finding = try_out(target, options.cases, options.seed, until)
        _say(f"{target.name:36} {tried:7} cases {time.monotonic() - began:6.1f} s")
        if finding:
            findings += 1
            _say(f"  FOUND {str(finding)[:4000]}")
    for part in ASKED:
        if part in parts:
            findings += _ask(part, options.cases, options.seconds or 3600, options.seed)
    _say(f"{findings} findings")
    return 1 if findings else 0


def _targets(parts: Sequence[str]) -> Iterator[Target]:
    names = [part for part in parts if part not in (*PURE, *ASKED)]
    for part, module in PURE.items():
        for target in module.load_targets() if part in parts or names else ():
            if part in parts or any(name in target.name for name in names):
                yield target


def _ask(part: str, cases: int, seconds: float, seed: int) -> int:
    from fuzz import api  # schemathesis takes a second to load

    began = time.monotonic()
    with api.in_process() if part == "asgi" else api.over_http() as target:
        report = api.ask(target, cases, seconds, seed)
    _say(f"{part:36} {report.cases:7} cases {time.monotonic() - began:6.1f} s")
    for reason, count in report.explained.most_common():
        _say(f"  {count} times: {reason}")
    for name, told in report.findings.items():
        _say(f"  FOUND {name}\n{told[:2000]}")
    return len(report.findings)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = command(__doc__)
    parser.add_argument(
        "--cases",
        metavar="N",
        type=int,
        default=CASES,
        help=f"of each function, and each way ({CASES})",
    )
    parser.add_argument(
        "--seconds", metavar="S", type=float, default=0, help="in all (0: no limit)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=int, default=1, help="the same seed, the same inputs (1)"
    )
    parser.add_argument(
        "part", metavar="PART", nargs="*", help="a part, or a word in a target's name"
    )
    return parser.parse_args(arguments)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
