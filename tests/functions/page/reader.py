"""Somebody who reads the page in a real browser: opens it, waits, looks, presses keys."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE_S = 30

WARMED = (
    "/api/market?limit=20",
    "/api/market?limit=250",
    "/api/ohlcv?symbol=BTC&timeframe=1h&limit=300",
    "/api/sentiment/global",
    "/api/news/latest?limit=20",
    "/api/blockchain/whale-alerts?limit=20",
    "/api/ai/signals?symbol=BTC&timeframe=1h",
)
"""What the page asks at its start."""


class Reader:
    """A browser before a service's page."""

    def __init__(self, browser: Chrome, root: str) -> None:
        self.browser = browser
        self.root = root

    def resize(self, width: int, height: int = 1000) -> None:
        """Another window, or a phone."""
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        touch = {"enabled": width < 600, "maxTouchPoints": 1}
        self.browser.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", touch)

    def prefer(self, theme: str) -> None:
        """The system's wish, light or dark."""
        wish = {"name": "prefers-color-scheme", "value": theme}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})

    def open(self, path: str = "/") -> None:
        """Open the page and wait for the market's rows."""
        self.browser.get(f"{self.root}{path}")
        self.wait(lambda: self.all("#rows tr[data-symbol]"))

    @contextlib.contextmanager
    def before(self, *scripts: str) -> Iterator[None]:
        """Run scripts before the page's own, as long as the block lasts."""
        source = {"source": "\n".join(scripts)}
        added = self.browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", source)
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)

    @contextlib.contextmanager
    def without(self, *urls: str) -> Iterator[None]:
        """Let questions to these URLs (with wildcards) go unheard."""
        self.browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": list(urls)})
        try:
            yield
        finally:
            self.browser.execute_cdp_cmd("Network.setBlockedURLs", {"urls": []})

    def run(self, script: str, *arguments: object) -> Any:
        """What a script returns on the page."""
        return self.browser.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until it holds."""
        WebDriverWait(self.browser, PATIENCE_S, poll_frequency=0.1).until(lambda _: condition())

    def wait_for_chart(self, what: str) -> None:
        """Wait until these candles are drawn, such as `BTC 1h`."""
        self.wait(lambda: self.run("return document.getElementById('chart').dataset.shown") == what)

    def wait_for_way(self, way: str) -> None:
        """Wait until prices come this way: by socket, events, polling, or lost."""
        self.wait(lambda: self.run("return document.getElementById('link').dataset.way") == way)

    def wait_for_another_price(self) -> None:
        """Wait until the table's first price is another one."""
        before = self.text("#rows tr[data-symbol=BTC] .price")
        self.wait(lambda: self.text("#rows tr[data-symbol=BTC] .price") != before)

    def all(self, selector: str) -> list[WebElement]:
        """All elements that match."""
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def text(self, selector: str) -> str:
        """The text of the first that matches; nothing where none does."""
        # in one step: an element may be replaced between being found and read
        script = "return document.querySelector(arguments[0])?.textContent ?? ''"
        return str(self.run(script, selector))

    def button(self, timeframe: str) -> WebElement:
        """The button of a timeframe."""
        return next(one for one in self.all("#timeframes button") if one.text == timeframe)

    def search(self, text: str) -> WebElement:
        """Type into the field that searches a coin; the field."""
        field = self.browser.find_element(By.ID, "symbol")
        field.clear()
        field.send_keys(text)
        return field


def warm(root: str) -> None:
    """Ask what the page will ask until it answers."""
    # on a busy machine a first answer may be 503, which the console tells in red: what is kept
    # answers ever after
    with httpx.Client(base_url=root, trust_env=False, timeout=PATIENCE_S) as client:
        for path in WARMED:
            for _ in range(PATIENCE_S):
                if client.get(path).is_success:
                    break
                time.sleep(0.5)
