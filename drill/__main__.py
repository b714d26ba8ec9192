"""Break everything around the server, under load: `make drill`.

    python -m drill [--quick] [--only WORD,…] [--rate N]

Needs Redis, PostgreSQL and two cores. Takes ten minutes, with --quick 90 seconds. Ends with 1 if
anything was violated, with 2 if it cannot run here, else with 0.
"""

import asyncio
import sys
from pathlib import Path
from typing import Final

from drill.plan import PHASES
from drill.report import line, page, save, total
from drill.run import drill
from lib.command import command
from loopback import NotInstalled

ROOT: Final = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the drill; 1 if anything was violated, 2 if it cannot run here."""
    parser = command(__doc__)
    parser.add_argument("--quick", action="store_true", help="the short drill")
    parser.add_argument(
        "--only", metavar="WORD,…", default="", help="phases with a word in their name; none kept"
    )
    parser.add_argument(
        "--rate", metavar="N", type=float, default=50, help="requests a second (50)"
    )
    options = parser.parse_args()
    phases = [p for p in PHASES if p.quick or not options.quick]
    words = options.only.split(",")
    phases = [p for p in phases if any(word in p.name for word in words)]
    try:
        records = asyncio.run(drill(phases, options.rate, lambda one: print(line(one), flush=True)))
    except NotInstalled as error:
        print(f"The drill cannot run: {error}", file=sys.stderr)
        return 2
    whole = total(records)
    print(line(whole))
    for rule, count in whole.violations.items():
        print(f"    {count} x {rule}")
    if not options.only:
        print(save(records, ROOT / "drill" / "results", options.rate, quick=options.quick))
    if not options.only and not options.quick:
        (ROOT / "docs" / "drill.md").write_text(page(records, options.rate))
    return 1 if whole.violations else 0


if __name__ == "__main__":
    sys.exit(main())
