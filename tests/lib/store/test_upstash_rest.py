"""The tests' own REST server keeps to what Upstash documents."""

import json
from typing import Any

import httpx
import pytest

from tests.upstash_rest import UpstashRest


def ask(rest: UpstashRest, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """One request with the right token; a body that is no text travels as JSON."""
    reply = httpx.request(
        "GET" if body is None else "POST",
        rest.url + path,
        content=body if isinstance(body, str | None) else json.dumps(body),
        headers={"Authorization": f"Bearer {rest.token}", **headers},
    )
    return reply.status_code, reply.json()


def test_a_command_comes_as_a_list_or_as_a_path(rest: UpstashRest) -> None:
    assert ask(rest, "/", ["SET", "foo", "bar"]) == (200, {"result": "OK"})
    assert ask(rest, "/get/foo") == (200, {"result": "bar"})
    assert ask(rest, "/set/a%2Fb/1?EX=100") == (200, {"result": "OK"})
    assert ask(rest, "/set/c", "the body") == (200, {"result": "OK"})
    assert ask(rest, "/mget/a%2Fb/c/d") == (200, {"result": ["1", "the body", None]})


def test_replies_are_encoded_when_asked(rest: UpstashRest) -> None:
    encoding = {"Upstash-Encoding": "base64"}

    assert ask(rest, "/", ["SET", "foo", "OK"], **encoding) == (200, {"result": "OK"})
    assert ask(rest, "/", ["GET", "foo"], **encoding) == (200, {"result": "T0s="})
    assert ask(rest, "/", ["STRLEN", "foo"], **encoding) == (200, {"result": 2})


def test_a_pipeline_goes_on_after_an_error(rest: UpstashRest) -> None:
    status, results = ask(rest, "/pipeline", [["SET", "n", "x"], ["INCR", "n"], ["GET", "n"]])

    assert status == 200
    assert (results[0], results[2]) == ({"result": "OK"}, {"result": "x"})
    assert results[1]["error"].startswith("ERR value is not an integer")


def test_a_transaction_runs_whole_or_not_at_all(rest: UpstashRest) -> None:
    done = ask(rest, "/multi-exec", [["INCR", "n"], ["INCR", "n"]])
    status, refused = ask(rest, "/multi-exec", [["INCR", "n"], ["NO-SUCH-COMMAND"]])

    assert done == (200, [{"result": 1}, {"result": 2}])
    assert (status, refused["error"].split()[0]) == (400, "EXECABORT")
    assert ask(rest, "/get/n") == (200, {"result": "2"})


@pytest.mark.parametrize("body", ["no JSON", {}, [], [["SET"]], [None], ["NO-SUCH-COMMAND"]])
def test_what_is_no_command_is_refused(rest: UpstashRest, body: Any) -> None:
    status, answer = ask(rest, "/", body)

    assert (status, answer["error"][:4]) == (400, "ERR ")


def test_the_token_may_stand_in_the_query(rest: UpstashRest) -> None:
    wrong = httpx.get(f"{rest.url}/get/foo?_token=another")
    right = httpx.get(f"{rest.url}/get/foo?_token={rest.token}")

    assert (wrong.status_code, wrong.json()) == (401, {"error": "Unauthorized"})
    assert (right.status_code, right.json()) == (200, {"result": None})
