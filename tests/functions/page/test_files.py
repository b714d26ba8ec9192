"""The page's files: what they weigh, how they are asked for, what a browser may load for them."""

import re
from urllib.parse import urlsplit

import httpx
import pytest

from functions.page import KINDS, read_page
from tests.browser import complaints, hosts_asked
from tests.functions.page.reader import Reader

LIMIT_KB = 300


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


@pytest.mark.parametrize("made_up", [True, False])
def test_the_page_says_that_its_market_is_made_up_only_if_it_is(made_up: bool) -> None:
    assert (b"everything here is made up" in read_page(made_up=made_up)) is made_up


def test_a_file_that_the_page_lacks_is_not_found(root: str) -> None:
    assert httpx.get(f"{root}/static/page.html", trust_env=False).status_code == 404


def test_it_loads_without_a_complaint_and_asks_no_other_host(reader: Reader) -> None:
    reader.open()
    for part in ("#news li", "#whales li", "#mood .gauge", "#sources li", "#forecast .facts"):
        reader.wait(lambda part=part: reader.all(part))
    reader.wait(lambda: "recorded" in reader.text("#record"))

    assert complaints(reader.browser) == []
    assert hosts_asked(reader.browser) == {urlsplit(reader.root).netloc}
    assert reader.text("#sandbox").startswith("Sandbox")


def _weight(reply: httpx.Response) -> int:
    return int(reply.headers["content-length"])
