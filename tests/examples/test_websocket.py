"""The page that listens to prices, in a real browser."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from tests.browser import complaints, running_browser

PATIENCE_S = 30


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Nothing."""


@pytest.fixture
def page(examples: Path) -> Iterator[str]:
    """The page, served from an address of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(examples)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/websocket.html"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def browser() -> Iterator[Chrome]:
    with running_browser() as browser:
        yield browser


def test_the_page_shows_prices_and_who_told_them(browser: Chrome, page: str, root: str) -> None:
    browser.get(f"{page}#{root}")
    wait = WebDriverWait(browser, PATIENCE_S)

    wait.until(lambda b: len(b.find_elements(By.CSS_SELECTOR, "tr[data-symbol]")) == 3)
    cells = [
        cell.text
        for cell in browser.find_elements(By.CSS_SELECTOR, 'tr[data-symbol="BTC/USDT"] td')
    ]

    assert float(cells[1]) > 0
    assert cells[2].endswith(" %")
    assert cells[3].startswith("sandbox:")
    body, state = (browser.find_element(By.CSS_SELECTOR, one) for one in ("body", "#state"))
    wait.until(lambda _: state.text == "subscribed")
    assert body.get_attribute("data-open") == "true"
    assert complaints(browser) == []


def test_the_page_says_when_there_is_nobody_and_tries_again(browser: Chrome, page: str) -> None:
    browser.get(f"{page}#http://127.0.0.1:9")  # nobody listens there
    state = browser.find_element(By.ID, "state")

    WebDriverWait(browser, PATIENCE_S).until(lambda _: "trying again" in state.text)

    assert browser.find_element(By.TAG_NAME, "body").get_attribute("data-open") == "false"
