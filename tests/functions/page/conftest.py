"""A real server in the sandbox, and a reader before its page."""

from collections.abc import Iterator

import pytest
from selenium.webdriver import Chrome

from tests.browser import complaints, requests_made, running_browser
from tests.functions.page.reader import PATIENCE_S, Reader, warm
from tests.service import running_service


@pytest.fixture(scope="session")
def root() -> Iterator[str]:
    """The server's address; each test opens the page anew, all from one address."""
    with running_service("--upstream", "sandbox", RATE_LIMIT_IP="0") as root:
        warm(root)
        yield root


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chrome]:
    """One browser for all."""
    with running_browser() as browser:
        browser.set_page_load_timeout(PATIENCE_S)  # its own is five minutes
        yield browser


@pytest.fixture
def browser(chromium: Chrome) -> Iterator[Chrome]:
    """The browser on nothing, with nothing told before."""
    chromium.get("about:blank")
    requests_made(chromium)
    complaints(chromium)
    yield chromium
    chromium.get("about:blank")


@pytest.fixture
def reader(browser: Chrome, root: str) -> Reader:
    """Somebody at a desk by day."""
    reader = Reader(browser, root)
    reader.resize(1440)
    reader.prefer("light")
    return reader
