"""A real browser for tests: Debian's Chromium and its driver, with nothing of anybody's in it."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome, ChromeOptions, ChromeService

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)


def find_program(name: str) -> str:
    """A program of the browser; without it the test is skipped, or fails if REQUIRE_SERVERS=1."""
    program = shutil.which(name)
    if program is None:
        if os.environ.get("REQUIRE_SERVERS") == "1":
            pytest.fail(f"REQUIRE_SERVERS=1, but {name} is not installed")
        pytest.skip(f"{name} is not installed")
    return program


@contextlib.contextmanager
def running_browser(*flags: str) -> Iterator[Chrome]:
    """A browser that records its console and every request it makes."""
    chromium, driver = find_program("chromium"), find_program("chromedriver")
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        options = ChromeOptions()
        options.binary_location = chromium
        for flag in (*FLAGS, f"--user-data-dir={folder}", *flags):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        browser = Chrome(options=options, service=ChromeService(driver))
        try:
            yield browser
        finally:
            browser.quit()


def requests_made(browser: Chrome) -> list[str]:
    """The URLs that pages asked for since this was last asked, sockets included."""
    urls = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            urls.append(message["params"]["request"]["url"])
        elif message["method"] == "Network.webSocketCreated":
            urls.append(message["params"]["url"])
    return urls


def hosts_asked(browser: Chrome) -> set[str]:
    """The hosts, with ports, that pages asked since requests were last read."""
    schemes = ("http", "https", "ws", "wss")
    found = (urlsplit(url) for url in requests_made(browser))
    return {url.netloc for url in found if url.scheme in schemes}


def complaints(browser: Chrome) -> list[str]:
    """What the console says in anger since last asked: refusals of the page's policy, errors."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
