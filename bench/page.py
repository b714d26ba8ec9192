"""What the page at / costs: its first paint, its weight, and the questions that it asks.

    python -m bench.page [--loads 9] [--watch 60]

The real server plays the sandbox, headless Chromium reads it over loopback, each load with an empty
cache. Needs chromium and chromedriver. The goals: first paint within a second, 300 kB compressed,
and far fewer questions than one address may ask in a minute.

Takes the seconds to watch, and some for each load. Ends with 1 if it paints late, weighs
too much or asks another host, else with 0.
"""

import statistics
import sys
import time
from typing import Any, Final
from urllib.parse import urlsplit

from selenium.webdriver import Chrome

from lib.command import command
from tests.browser import requests_made, running_browser
from tests.service import running_service

PAINTS: Final = (
    "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
)
BYTES: Final = """
const files = performance.getEntries().filter((one) => "encodedBodySize" in one);
const ours = files.filter((one) => one.entryType === "navigation" || one.name.includes("/static/"));
return ours.reduce((sum, one) => sum + one.encodedBodySize, 0);
"""
PATIENCE_S: Final = 20
MOST_MS, MOST_KB = 1000, 300


def main() -> int:
    """Measure and print; a goal missed is said, not hidden."""
    parser = command(__doc__)
    parser.add_argument(
        "--loads", metavar="N", type=int, default=9, help="of which the median counts (9)"
    )
    parser.add_argument(
        "--watch", metavar="N", type=int, default=60, help="seconds to count questions in (60)"
    )
    options = parser.parse_args()
    flags = ("--upstream", "sandbox")
    with running_service(*flags, RATE_LIMIT_IP="0") as root, running_browser() as browser:
        loads = [_load(browser, root) for _ in range(options.loads)]
        paints, weights = [paint for paint, _ in loads], [weight for _, weight in loads]
        requests_made(browser)
        opening, later = _questions(browser, root, options.watch)
        asked = [*opening, *later]
    others = {urlsplit(url).netloc for url in asked} - {urlsplit(root).netloc, ""}
    paint, weight = statistics.median(paints), max(weights) / 1024
    print(f"first paint  {paint:.0f} ms, worst {max(paints):.0f}, of {len(paints)} loads")
    print(f"weight       {weight:.1f} kB as sent, page and files")
    print(
        f"questions    {_count(opening)} at opening, {_count(later)} in the {options.watch} s after"
    )
    print(f"other hosts  {', '.join(sorted(others)) or 'none'}")
    return int(paint > MOST_MS or weight > MOST_KB or bool(others))


def _load(browser: Chrome, root: str) -> tuple[float, int]:
    browser.execute_cdp_cmd("Network.clearBrowserCache", {})
    browser.get(f"{root}/")
    paint: Any = _until(browser, PAINTS)
    _until(browser, "return document.getElementById('chart').dataset.shown")
    return float(paint), int(browser.execute_script(BYTES))


def _questions(browser: Chrome, root: str, seconds: int) -> tuple[list[str], list[str]]:
    """The URLs that are asked for while the page opens, and in the time after."""
    browser.get(f"{root}/")
    _until(browser, "return document.querySelector('#forecast .facts')")
    time.sleep(5)
    opening = requests_made(browser)
    time.sleep(seconds)
    return opening, requests_made(browser)


def _count(urls: list[str]) -> int:
    return sum("/api/" in url or url.endswith("/health") for url in urls)


def _until(browser: Chrome, script: str) -> Any:
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        found = browser.execute_script(script)
        if found:
            return found
        time.sleep(0.05)
    raise TimeoutError(f"nothing came of: {script}")


if __name__ == "__main__":
    sys.exit(main())
