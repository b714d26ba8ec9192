"""The page at / on a real server in the sandbox, in a real browser."""

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from functions.page import KINDS
from tests.browser import complaints, hosts_asked, requests_made, running_browser
from tests.service import running_service

KEY = "a-key-for-tests"
PATIENCE_S = 30
LIMIT_KB = 300
ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
IMAGES = ROOT / "docs" / "img"

GROUNDS = {"light": "rgb(242, 244, 249)", "dark": "rgb(12, 16, 24)"}
WARMED = (
    "/api/market?limit=20",
    "/api/market?limit=250",
    "/api/ohlcv?symbol=BTC&timeframe=1h&limit=300",
    "/api/sentiment/global",
    "/api/news/latest?limit=20",
    "/api/blockchain/whale-alerts?limit=20",
    "/api/ai/signals?symbol=BTC&timeframe=1h",
)
NO_SOCKET = "window.WebSocket = class { constructor() { throw new Error('blocked') } };"
NO_EVENTS = "window.EventSource = class { constructor() { setTimeout(() => this.onerror?.()) }"
NO_EVENTS += " get readyState() { return 2 } addEventListener() {} close() {} };"
WATCHED_SOCKETS = """
window.sockets = [];
window.WebSocket = class extends WebSocket {
  constructor(url) { super(url); window.sockets.push(this); }
};
"""

SCORED = """
const really = window.fetch;
window.fetch = (url, options) => String(url) !== "api/ai/performance" ? really(url, options)
  : Promise.resolve(Response.json({
      recording: true, recorded: 60, scored: 50, days: 90, since: "2026-11-01T00:00:00Z",
      forecasts: [{ model: "m", timeframe: "1h", horizon: 24, symbol: null, n: 50,
        coverage_80: 0.78, coverage_95: 0.94, crps_ratio: 0.991, hit_rate: 0.52 }],
    }));
"""


NO_WHALES_YET = """
const asked = window.fetch;
let refusals = 1;
window.fetch = (url, options) => !String(url).includes("whale-alerts") || refusals-- <= 0
  ? asked(url, options)
  : Promise.resolve(Response.json(
      { success: false, error: { code: "UPSTREAM_UNAVAILABLE", message: "no chain was read" } },
      { status: 503 }));
"""
LIGHT_BLUE_PIXELS = """
let count = 0;
for (const canvas of document.querySelectorAll("#chart canvas")) {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < data.length; i += 4) count += data[i + 2] > 235 && data[i + 2] - data[i] > 15;
}
return count;
"""


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    # each test opens the page anew, from one address
    flags = {"API_KEYS": f"tests:{digest}", "RATE_LIMIT_IP": "0"}
    with running_service("--upstream", "sandbox", **flags) as root:
        _warm(root)
        yield root


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chrome]:
    with running_browser() as browser:
        yield browser


@pytest.fixture
def browser(chromium: Chrome) -> Iterator[Chrome]:
    """The module's browser, on nothing, with the desk's size."""
    _resize(chromium, 1440, 1000)
    _prefer(chromium, "light")
    chromium.get("about:blank")
    requests_made(chromium)
    complaints(chromium)
    yield chromium
    chromium.get("about:blank")


def test_every_file_of_the_page_is_free_versioned_and_fits_in_its_budget(root: str) -> None:
    with httpx.Client(base_url=root, trust_env=False) as client:
        page = client.get("/")
        named = re.findall(r'(?:href|src)="(static/[^"]+)"', page.text)
        files = [client.get(f"/static/{name}") for name in KINDS]

    assert all("?v=" in url for url in named)
    assert {file.status_code for file in files} == {200}
    assert not any("ratelimit" in reply.headers for reply in (page, *files))
    assert sum(_weight(reply) for reply in (page, *files)) < LIMIT_KB * 1024


def test_the_policy_admits_own_files_and_the_spaces_frame_alone(root: str) -> None:
    policy = httpx.get(f"{root}/", trust_env=False).headers["content-security-policy"]

    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert (rules["default-src"], rules["script-src"]) == ("'none'", "'self'")
    assert (rules["style-src"], rules["connect-src"]) == ("'self'", "'self'")
    assert "https://huggingface.co" in rules["frame-ancestors"]


def test_a_file_that_the_page_lacks_is_not_found(root: str) -> None:
    assert httpx.get(f"{root}/static/page.html", trust_env=False).status_code == 404


def test_it_loads_without_a_complaint_and_asks_no_other_host(browser: Chrome, root: str) -> None:
    _open(browser, root)
    for part in ("#news li", "#whales li", "#mood .gauge", "#sources li", "#forecast .facts"):
        _wait(browser, lambda part=part: _all(browser, part))
    _wait(browser, lambda: "recorded" in _text(browser, "#record"))

    assert complaints(browser) == []
    assert hosts_asked(browser) == {urlsplit(root).netloc}
    assert _text(browser, "#sandbox").startswith("Sandbox")


def test_prices_in_the_table_change_over_the_socket(browser: Chrome, root: str) -> None:
    _open(browser, root)
    _wait(browser, lambda: _way(browser) == "socket")

    _price_changes(browser)


def test_a_cut_socket_comes_back(browser: Chrome, root: str) -> None:
    with _before_the_page(browser, WATCHED_SOCKETS):
        _open(browser, root)
        _wait(browser, lambda: _way(browser) == "socket")
        browser.execute_script("window.sockets.at(-1).close()")
        _wait(browser, lambda: browser.execute_script("return window.sockets.length") == 2)

        _wait(browser, lambda: _way(browser) == "socket")
        _price_changes(browser)


def test_without_sockets_prices_come_as_events(browser: Chrome, root: str) -> None:
    with _before_the_page(browser, NO_SOCKET):
        _open(browser, root)
        _wait(browser, lambda: _way(browser) == "events")

        _price_changes(browser)


def test_without_sockets_and_events_prices_are_polled(browser: Chrome, root: str) -> None:
    with _before_the_page(browser, NO_SOCKET + NO_EVENTS):
        _open(browser, root)
        _wait(browser, lambda: _way(browser) == "polling")

        asked = [url for url in requests_made(browser) if "/api/market?" in url]
        assert asked
        assert "not available" not in _text(browser, "#market .age")


def test_a_timeframe_is_chosen_by_keyboard_and_redraws_the_chart(
    browser: Chrome, root: str
) -> None:
    _open(browser, root)
    _shown(browser, "BTC 1h")
    before, figures = _picture(browser), _text(browser, "#legend")

    _button(browser, "4h").send_keys(Keys.SPACE)

    _shown(browser, "BTC 4h")
    assert _picture(browser) != before
    assert _text(browser, "#legend").startswith("O ")
    assert _text(browser, "#legend") != figures
    assert complaints(browser) == []


def test_the_first_stop_of_the_keyboard_leads_to_the_chart(browser: Chrome, root: str) -> None:
    _open(browser, root)

    browser.switch_to.active_element.send_keys(Keys.TAB)
    first = browser.switch_to.active_element
    told, seen = first.text, first.is_displayed()
    first.send_keys(Keys.ENTER)

    assert (told, seen) == ("Skip to the chart", True)
    assert browser.switch_to.active_element.get_attribute("id") == "chart-panel"


def test_the_forecast_is_drawn_as_a_fan(browser: Chrome, root: str) -> None:
    _open(browser, root)
    _wait(browser, lambda: _all(browser, "#forecast .facts"))

    _wait(browser, lambda: browser.execute_script(LIGHT_BLUE_PIXELS) > 5000)

    _button(browser, "1m").click()  # for which there is no forecast
    _wait(browser, lambda: browser.execute_script(LIGHT_BLUE_PIXELS) == 0)


def test_a_coin_is_searched_and_charted_by_keyboard(browser: Chrome, root: str) -> None:
    _open(browser, root)
    _shown(browser, "BTC 1h")
    field = browser.find_element(By.ID, "symbol")
    _wait(browser, lambda: _suggests(browser, "ethe"))

    field.send_keys(Keys.ENTER)

    _shown(browser, "ETH 1h")
    assert _text(browser, "#chart-title") == "ETH/USDT"
    assert len(_all(browser, "#rows tr[data-symbol=ETH][aria-current]")) == 1


def test_a_timeframe_without_forecast_says_so(browser: Chrome, root: str) -> None:
    _open(browser, root)
    _shown(browser, "BTC 1h")

    _button(browser, "1m").click()

    _wait(browser, lambda: "not for 1m" in _text(browser, "#forecast .body"))


def test_scores_of_the_track_record_are_shown(browser: Chrome, root: str) -> None:
    with _before_the_page(browser, SCORED):
        _open(browser, root)
        _wait(browser, lambda: _all(browser, "#record td"))

        cells = browser.find_elements(By.CSS_SELECTOR, "#record td")
        shown = [cell.text for cell in cells]
        assert shown == ["24 \N{MULTIPLICATION SIGN} 1h", "50", "78 %", "52 %", "0.991"]


def test_without_the_chart_library_candles_are_drawn_plainly(browser: Chrome, root: str) -> None:
    browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": ["*lightweight-charts*"]})
    try:
        _open(browser, root)
        _shown(browser, "BTC 1h")

        assert len(_all(browser, "#chart svg.plain .bar")) == 70
        _wait(browser, lambda: _all(browser, "#chart svg.plain .fan"))
    finally:
        browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})


def test_what_is_not_there_at_the_start_is_said_and_comes_by_itself(
    browser: Chrome, root: str
) -> None:
    with _before_the_page(browser, NO_WHALES_YET):
        _open(browser, root)
        _wait(browser, lambda: "no chain was read. Asking again." in _text(browser, "#whales"))

        _wait(browser, lambda: _all(browser, "#whales li"))
        assert "not available" not in _text(browser, "#whales .age")


def test_an_upstream_fault_shows_among_the_sources(browser: Chrome, root: str) -> None:
    _fault(root, "500")
    try:
        _open(browser, root)
        for pair in ("SOL", "ADA", "XRP", "DOGE", "LTC", "DOT"):
            httpx.get(f"{root}/api/ohlcv?symbol={pair}&timeframe=5m", trust_env=False)
        browser.refresh()

        _wait(browser, lambda: _state(browser, "binance") not in ("", "online"))
        assert " 0 in trouble" not in _text(browser, "#sources .sum")
    finally:
        _fault(root, None)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 375)])
def test_axe_finds_no_serious_fault(browser: Chrome, root: str, theme: str, width: int) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci")
    _resize(browser, width, 1000)
    _open(browser, root)
    _wait(browser, lambda: _all(browser, "#sources li") and _all(browser, "#mood .gauge"))
    browser.execute_script(f"document.documentElement.dataset.theme = '{theme}'")
    browser.execute_script(AXE.read_text())

    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run({resultTypes: ['violations']}).then(done)"
    )

    serious = [
        (fault["id"], fault["nodes"][0]["html"][:200])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
    ]
    assert serious == []


@pytest.mark.parametrize(("width", "theme"), [(375, "light"), (1440, "light"), (1440, "dark")])
def test_it_fits_a_phone_and_a_desk(browser: Chrome, root: str, width: int, theme: str) -> None:
    _resize(browser, width, 1000)
    _prefer(browser, theme)
    _open(browser, root)
    _shown(browser, "BTC 1h")
    _wait(browser, lambda: _all(browser, ".sparkline") and _all(browser, "#news li"))

    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert browser.execute_script(ground) == GROUNDS[theme]
    if os.environ.get("KEEP_IMAGES") == "1":
        _wait(browser, lambda: _all(browser, "#whales li") and _all(browser, "#forecast .facts"))
        _wait(browser, lambda: " 0 in trouble" in _text(browser, "#sources .sum"))
        _resize(browser, width, browser.execute_script("return document.body.scrollHeight"))
        time.sleep(1)  # the chart follows its place's size in a frame or two
        ending = "-dark" if theme == "dark" else ""
        browser.save_screenshot(str(IMAGES / f"page-{width}{ending}.png"))


def _warm(root: str) -> None:
    # on a busy machine a first answer may be 503, which the console tells in red: what is kept
    # answers ever after
    with httpx.Client(base_url=root, trust_env=False, timeout=PATIENCE_S) as client:
        for path in WARMED:
            for _ in range(PATIENCE_S):
                if client.get(path).is_success:
                    break
                time.sleep(0.5)


def _weight(reply: httpx.Response) -> int:
    return int(reply.headers["content-length"])


def _resize(browser: Chrome, width: int, height: int) -> None:
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def _prefer(browser: Chrome, theme: str) -> None:
    wish = {"name": "prefers-color-scheme", "value": theme}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})


def _open(browser: Chrome, root: str) -> None:
    browser.get(f"{root}/")
    _wait(browser, lambda: _all(browser, "#rows tr[data-symbol]"))


class _before_the_page:  # noqa: N801 - reads as a statement: with _before_the_page(...)
    """Run a script before the page's own, as long as the block lasts."""

    def __init__(self, browser: Chrome, script: str) -> None:
        self._browser, self._script = browser, script

    def __enter__(self) -> None:
        added = self._browser.execute_cdp_cmd(
            "Page.addScriptToEvaluateOnNewDocument", {"source": self._script}
        )
        self._id = added["identifier"]

    def __exit__(self, *error: object) -> None:
        self._browser.execute_cdp_cmd(
            "Page.removeScriptToEvaluateOnNewDocument", {"identifier": self._id}
        )


def _wait(browser: Chrome, condition: Callable[[], object]) -> None:
    WebDriverWait(browser, PATIENCE_S, poll_frequency=0.1).until(lambda _: condition())


def _all(browser: Chrome, selector: str) -> list[object]:
    return list(browser.find_elements(By.CSS_SELECTOR, selector))


def _text(browser: Chrome, selector: str) -> str:
    # in one step: an element may be replaced between being found and read
    script = "return document.querySelector(arguments[0])?.textContent ?? ''"
    return str(browser.execute_script(script, selector))


def _way(browser: Chrome) -> str:
    return str(browser.execute_script("return document.getElementById('link').dataset.way"))


def _price_changes(browser: Chrome) -> None:
    before = _text(browser, "#rows tr[data-symbol=BTC] .price")
    _wait(browser, lambda: _text(browser, "#rows tr[data-symbol=BTC] .price") != before)


def _shown(browser: Chrome, what: str) -> None:
    script = "return document.getElementById('chart').dataset.shown ?? ''"
    _wait(browser, lambda: browser.execute_script(script) == what)


def _picture(browser: Chrome) -> str:
    return browser.find_element(By.ID, "chart").screenshot_as_base64


def _button(browser: Chrome, timeframe: str) -> WebElement:
    buttons = browser.find_elements(By.CSS_SELECTOR, "#timeframes button")
    return next(button for button in buttons if button.text == timeframe)


def _suggests(browser: Chrome, text: str) -> bool:
    field = browser.find_element(By.ID, "symbol")
    field.clear()
    field.send_keys(text)
    return bool(_all(browser, "#suggestions li[aria-selected=true][data-symbol=ETH]"))


def _state(browser: Chrome, source: str) -> str:
    script = "return document.querySelector(arguments[0])?.dataset.state ?? ''"
    return str(browser.execute_script(script, f"[data-source={source}]"))


def _fault(root: str, fault: str | None) -> None:
    httpx.post(
        f"{root}/api/admin/faults",
        json={"binance": fault},
        headers={"Authorization": f"Bearer {KEY}"},
        trust_env=False,
    ).raise_for_status()
