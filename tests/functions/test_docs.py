"""/openapi.json and /docs on a real server, and the page in a real browser."""

import hashlib
import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from docs.make_examples import ask, operations
from functions import load_endpoints
from tests.browser import complaints, hosts_asked, running_browser
from tests.service import running_service

KEY = "a-key-for-tests"
PATIENCE_S = 30


@pytest.fixture(scope="module")
def root() -> Iterator[str]:
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    with running_service("--upstream", "sandbox", API_KEYS=f"tests:{digest}") as root:
        yield root


@pytest.fixture(scope="module")
def client(root: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=root, timeout=30, trust_env=False) as client:
        yield client


@pytest.fixture
def browser() -> Iterator[Chrome]:
    with running_browser() as browser:
        yield browser


def test_the_document_is_free_and_can_be_revalidated(client: httpx.Client) -> None:
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-type"] == "application/json"
    assert first.json()["openapi"] == "3.1.0"
    assert "ratelimit" not in first.headers
    assert (again.status_code, again.content) == (304, b"")


def test_the_document_answers_head(client: httpx.Client) -> None:
    reply = client.head("/openapi.json")

    assert (reply.status_code, reply.content) == (200, b"")


def test_every_operation_answers_the_question_of_its_example(client: httpx.Client) -> None:
    client.headers["Authorization"] = f"Bearer {KEY}"
    document = client.get("/openapi.json").json()

    refused = {
        operation["operationId"]: reply.text[:200]
        for operation in operations(document)
        if (reply := ask(client, operation)).status_code != 200
    }

    assert refused == {}


def test_every_reply_has_a_media_type_of_the_document(client: httpx.Client) -> None:
    client.headers["Authorization"] = f"Bearer {KEY}"
    document = client.get("/openapi.json").json()

    untold = {
        operation["operationId"]: kind
        for operation in operations(document)
        if (kind := ask(client, operation).headers["content-type"].split(";")[0])
        not in operation["responses"]["200"]["content"]
    }

    assert untold == {}


def test_the_page_may_load_from_here_alone_and_stand_in_the_hub(client: httpx.Client) -> None:
    reply = client.get("/docs")
    policy = dict(
        part.split(" ", 1) for part in reply.headers["content-security-policy"].split("; ")
    )

    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert policy["frame-ancestors"] == "'self' https://huggingface.co https://*.hf.space"


def test_the_page_s_files_keep_for_long_and_are_sent_packed(client: httpx.Client) -> None:
    names = re.findall(r'(?:src|href)="(docs/[^"]+)"', client.get("/docs").text)

    assert len(names) == 5
    for name in names:
        reply = client.get(f"/{name}", headers={"Accept-Encoding": "gzip"})
        assert reply.status_code == 200
        assert "max-age=31536000" in reply.headers["cache-control"]
        assert "etag" in reply.headers
        assert "ratelimit" not in reply.headers
        assert name.partition("?")[0].endswith(".png") or "content-encoding" in reply.headers


@pytest.mark.parametrize("name", ["swagger.js", "..%2f..%2fpyproject.toml", "%00"])
def test_there_is_no_other_file(client: httpx.Client, name: str) -> None:
    reply = client.get(f"/docs/{name}")

    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "NOT_FOUND"


def test_the_page_shows_every_endpoint_and_says_that_it_is_the_sandbox(
    browser: Chrome, root: str
) -> None:
    browser.get(f"{root}/docs")
    blocks = _wait(browser).until(lambda b: b.find_elements(By.CSS_SELECTOR, ".opblock"))
    banner = browser.find_element(By.ID, "sandbox")

    _wait(browser).until(lambda _: banner.is_displayed())
    shown = {
        (
            block.find_element(By.CSS_SELECTOR, ".opblock-summary-method").text,
            block.find_element(By.CSS_SELECTOR, ".opblock-summary-path").get_attribute("data-path"),
        )
        for block in blocks
    }
    assert shown == {("GET", "/api/stream/{channel}")} | {
        (e.method, re.sub(r"\{(\w+):\w+\}", r"{\1}", e.path)) for e in load_endpoints()
    }
    assert "made up" in banner.text
    assert browser.find_element(By.CSS_SELECTOR, "a.home").get_attribute("href") == f"{root}/"


def test_a_price_can_be_asked_for_from_the_page_and_nobody_else_is_asked(
    browser: Chrome, root: str
) -> None:
    browser.get(f"{root}/docs")
    block = _wait(browser).until(lambda b: b.find_element(By.ID, "operations-Market-price"))
    _press(browser, block, ".opblock-summary-control")
    _press(browser, block, ".try-out__btn")
    _press(browser, block, ".execute")

    body = _part(browser, block, ".live-responses-table .highlight-code > .microlight")
    status = block.find_element(
        By.CSS_SELECTOR, ".live-responses-table tr.response > .response-col_status"
    )
    reply = json.loads(body.text)

    assert status.text.split()[0] == "200"
    assert reply["symbol"] == "BTC"
    assert reply["price"] > 0
    assert hosts_asked(browser) == {urlsplit(root).netloc}
    assert complaints(browser) == []


def _wait(browser: Chrome) -> WebDriverWait[Chrome]:
    return WebDriverWait(browser, PATIENCE_S)


def _part(browser: Chrome, block: WebElement, selector: str) -> WebElement:
    found: WebElement = _wait(browser).until(
        lambda _: block.find_element(By.CSS_SELECTOR, selector)
    )
    return found


def _press(browser: Chrome, block: WebElement, selector: str) -> None:
    button = _part(browser, block, selector)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
