"""The page in trouble: a source is down, a panel has nothing yet."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest

from tests.functions.page.reader import Reader, warm
from tests.service import running_service

KEY = "a-key-for-tests"
NO_WHALES_YET = """
const asked = window.fetch;
let refusals = 1;
window.fetch = (url, options) => !String(url).includes("whale-alerts") || refusals-- <= 0
  ? asked(url, options)
  : Promise.resolve(Response.json(
      { success: false, error: { code: "UPSTREAM_UNAVAILABLE", message: "no chain was read" } },
      { status: 503 }));
"""


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    """A server of this room's own: its sources fail on request."""
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    flags = {"API_KEYS": f"tests:{digest}", "RATE_LIMIT_IP": "0"}
    with running_service("--upstream", "sandbox", **flags) as root:
        warm(root)
        yield root


def test_what_is_not_there_at_the_start_is_said_and_comes_by_itself(reader: Reader) -> None:
    with reader.before(NO_WHALES_YET):
        reader.open()
        reader.wait(lambda: "no chain was read. Asking again." in reader.text("#whales"))

        reader.wait(lambda: reader.all("#whales li"))
        assert "not available" not in reader.text("#whales .age")


def test_an_upstream_fault_shows_among_the_sources(reader: Reader) -> None:
    _fault(reader.root, "500")
    try:
        reader.open()
        for pair in ("SOL", "ADA", "XRP", "DOGE", "LTC", "DOT"):
            httpx.get(f"{reader.root}/api/ohlcv?symbol={pair}&timeframe=5m", trust_env=False)
        reader.browser.refresh()

        reader.wait(lambda: _state(reader, "binance") not in ("", "online"))
        assert " 0 in trouble" not in reader.text("#sources .sum")
    finally:
        _fault(reader.root, None)


def _state(reader: Reader, source: str) -> str:
    script = "return document.querySelector(arguments[0])?.dataset.state ?? ''"
    return str(reader.run(script, f"[data-source={source}]"))


def _fault(root: str, fault: str | None) -> None:
    httpx.post(
        f"{root}/api/admin/faults",
        json={"binance": fault},
        headers={"Authorization": f"Bearer {KEY}"},
        trust_env=False,
    ).raise_for_status()
