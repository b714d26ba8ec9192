"""The record on Lambda: what one function says, another tells of, by the store between them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.runtime import load_providers
from lib.sandbox import SandboxServer
from rehearsal.events import http_event
from tests.servers import RedisServer
from tests.upstash_rest import UpstashRest

ROOT = Path(__file__).parents[3]

FUNCTION = """
import json, sys
from importlib import import_module
answer = import_module(sys.argv[1]).handler(json.loads(sys.argv[2]), None)
print(json.dumps(answer))
"""


@pytest.fixture(scope="module")
def upstreams() -> Iterator[dict[str, str]]:
    """The settings of a service over the sandbox."""
    with SandboxServer() as sandbox:
        root = f"http://127.0.0.1:{sandbox.port}"
        yield {f"{name.upper()}_BASE_URL": f"{root}/{name}" for name in load_providers()}


@pytest.fixture(scope="module")
def upstash() -> Iterator[dict[str, str]]:
    """The settings of an empty store."""
    with RedisServer() as redis, UpstashRest(redis.port) as rest:
        yield {"UPSTASH_REDIS_REST_URL": rest.url, "UPSTASH_REDIS_REST_TOKEN": rest.token}


def ask(function: str, environ: dict[str, str], method: str, target: str, body: bytes = b"") -> Any:
    """What a new instance of a function answers, in a process of its own."""
    headers = {"content-type": "application/json"} if body else {}
    event = json.dumps(http_event(method, target, headers=headers, body=body))
    ran = subprocess.run(
        [sys.executable, "-c", FUNCTION, f"functions.{function}", event],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        check=True,
    )
    answer = json.loads(ran.stdout)
    assert answer["statusCode"] == 200, answer["body"]
    return json.loads(answer["body"])


def predict(environ: dict[str, str]) -> Any:
    """A forecast."""
    return ask("ai_predict", environ, "POST", "/api/ai/predict", b'{"symbol":"BTC"}')


def performance(environ: dict[str, str]) -> Any:
    """The record."""
    return ask("ai_performance", environ, "GET", "/api/ai/performance")


def test_what_one_function_says_another_tells_of(
    upstreams: dict[str, str], upstash: dict[str, str]
) -> None:
    environ = upstreams | upstash
    said, again = predict(environ), predict(environ)
    record = performance(environ)

    assert "unrecorded" not in said["meta"]
    assert again["timestamp"] == said["timestamp"]
    assert (record["recording"], record["reason"]) == (True, None)
    assert record["recorded"] == 3  # after 1, 6 and 24 bars, though it was said twice


def test_without_a_store_answers_say_that_nothing_is_recorded(upstreams: dict[str, str]) -> None:
    said, record = predict(upstreams), performance(upstreams)

    assert said["meta"]["unrecorded"] == record["reason"] == "this instance keeps no ledger"
    assert record["recording"] is False
