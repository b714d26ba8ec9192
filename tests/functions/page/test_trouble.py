"""The page in trouble: a source is down, a panel has nothing yet."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest
from selenium.webdriver import Chrome

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

WITHOUT_A_CHAIN = """
const real = window.fetch;
window.fetch = async (url, options) => {
  const reply = await real(url, options);
  if (!String(url).includes("whale-alerts")) return reply;
  const told = await reply.json();
  told.meta = { ...told.meta, degraded: true, sources_tried: [],
    missing: { "alerts[bsc]": "bsc_rpc 500", "alerts[].to_owner": "nobody's" } };
  return Response.json(told);
};
"""
WITHOUT_A_WEEK = """
const real = window.fetch;
window.fetch = async (url, options) => {
  const reply = await real(url, options);
  if (!String(url).includes("api/market?limit=20")) return reply;
  const told = await reply.json();
  for (const item of told.items) item.change_7d = null;
  told.meta.missing = { "items[].change_7d": "nobody tells it" };
  return Response.json(told);
};
"""
PRICE_COLOUR = "return getComputedStyle(document.getElementById('chart-price')).color"


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


def test_prices_of_a_server_that_is_gone_do_not_look_alive(browser: Chrome) -> None:
    with running_service("--upstream", "sandbox", RATE_LIMIT_IP="0") as root:
        reader = Reader(browser, root)
        reader.open()
        reader.wait_for_way("socket")
        alive = reader.run(PRICE_COLOUR)

    reader.wait_for_way("lost")
    assert reader.run(PRICE_COLOUR) != alive
    reader.wait(lambda: "the service does not answer" in reader.text("#market .why"))
    assert reader.all("#market .age.stale")


def test_a_degraded_answer_says_who_did_not_answer(reader: Reader) -> None:
    with reader.before(WITHOUT_A_CHAIN):
        reader.open()

        reader.wait(lambda: reader.text("#whales .why") == "Without an answer: bsc (bsc rpc 500).")
        assert reader.text("#whales .age").startswith("degraded · ")


def test_a_value_that_is_not_known_is_a_dash_with_its_reason(reader: Reader) -> None:
    with reader.before(WITHOUT_A_WEEK):
        reader.open()

        cell = reader.all("#rows tr[data-symbol=BTC] .far")[0]
        assert (cell.text, cell.get_attribute("title")) == ("\N{EN DASH}", "nobody tells it")


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
