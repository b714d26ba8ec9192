"""Behaviour of secrets from SSM Parameter Store, against moto's and against refusals."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from adapters.aws.secrets import read_secrets, secret_names
from adapters.aws_lambda import LambdaHandler, build_app
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import BOOKS, CAPS, NEWS
from lib.queries import Everything
from rehearsal.events import http_event
from tests.servers import parrot

pytestmark = pytest.mark.usefixtures("kept_loop")

PATH = "/dreammaker/test"


class KeysReply(Reply):
    keyed: list[str]
    callers: bool


async def keys(request: Request, ctx: Context) -> KeysReply:
    assert ctx.desk
    runtime = ctx.desk.runtime
    keyed = [name for name, gate in runtime.highway.gates.items() if gate.provider.has_key]
    return KeysReply(keyed=keyed, callers=bool(runtime.settings.api_keys))


def endpoint(*feeds: Any, **options: Any) -> Endpoint:
    return Endpoint(
        method="GET",
        path="/api/keys",
        request=Request,
        reply=KeysReply,
        call=keys,
        feeds=feeds,
        tag="Operations",
        cached=False,
        **options,
    )


@pytest.fixture(scope="module")
def aws() -> Iterator[dict[str, str]]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "token",
        "SECRETS_PATH": PATH,
    }
    server.stop()


@pytest.fixture
def store(aws: dict[str, str]) -> Any:
    httpx.post(f"{aws['AWS_ENDPOINT_URL']}/moto-api/reset")
    return boto3.client(
        "ssm",
        endpoint_url=aws["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def put(store: Any, name: str, value: str) -> None:
    store.put_parameter(Name=f"{PATH}/{name}", Value=value, Type="SecureString")


def test_a_functions_secrets_are_its_callers_its_store_and_its_own_sources() -> None:
    callers = ("API_KEYS", "UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN")

    assert secret_names([endpoint(BOOKS)]) == callers
    assert secret_names([endpoint()]) == callers
    assert secret_names([endpoint(CAPS)]) == (*callers, "COINGECKO_API_KEY")
    assert "HF_TOKEN" in secret_names([endpoint(bundle="ai")])


def test_secrets_are_read_decrypted(store: Any, aws: dict[str, str]) -> None:
    put(store, "COINGECKO_API_KEY", "CG-1")
    put(store, "CMC_API_KEY", "not asked for")

    assert read_secrets(aws, ["API_KEYS", "COINGECKO_API_KEY"]) == {"COINGECKO_API_KEY": "CG-1"}


def test_more_than_one_calls_worth_is_read(store: Any, aws: dict[str, str]) -> None:
    names = [f"NAME_{number}" for number in range(23)]
    for name in names:
        put(store, name, name.lower())

    assert read_secrets(aws, names) == {name: name.lower() for name in names}


def test_without_a_path_nobody_is_asked() -> None:
    assert read_secrets({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, ["API_KEYS"]) == {}


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(400, json={"__type": "AccessDeniedException", "message": "no"}),
        httpx.Response(503, text="busy"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"Parameters": None}),
    ],
)
def test_a_refusal_is_as_if_nothing_were_set(aws: dict[str, str], reply: httpx.Response) -> None:
    client = httpx.Client(transport=httpx.MockTransport(lambda _request: reply))

    assert read_secrets(aws, ["API_KEYS"], client) == {}


def test_a_silent_aws_is_as_if_nothing_were_set(aws: dict[str, str]) -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectTimeout("too late", request=request)

    client = httpx.Client(transport=httpx.MockTransport(nobody))

    assert read_secrets(aws, ["API_KEYS"], client) == {}


def test_a_function_gets_its_keys_and_works_without_those_it_lacks(
    store: Any, aws: dict[str, str]
) -> None:
    put(store, "COINGECKO_API_KEY", "CG-1")
    handler = LambdaHandler(lambda: build_app((endpoint(CAPS),), aws))

    answer = handler(http_event("GET", "/api/keys"), None)

    told = json.loads(answer["body"])
    assert (told["keyed"], told["callers"]) == (["coingecko"], False)


def test_the_functions_own_environment_wins(store: Any, aws: dict[str, str]) -> None:
    put(store, "API_KEYS", "this is no list of keys")
    own = {"API_KEYS": "me:" + "0" * 64, **aws}
    handler = LambdaHandler(lambda: build_app((endpoint(),), own))

    assert handler(http_event("GET", "/api/keys"), None)["statusCode"] == 200


class NewsReply(Reply):
    articles: int


async def news(request: Request, ctx: Context) -> NewsReply:
    return NewsReply(articles=len((await ctx.fetch(KEYED, Everything())).articles))


KEYED = next(feed for feed in NEWS if feed.sources == ("cryptopanic",))
TWO = (
    endpoint(KEYED),
    Endpoint(
        method="GET", path="/api/news", request=Request, reply=NewsReply, call=news, feeds=(KEYED,)
    ),
)

REFUSAL = b'{"__type":"AccessDeniedException","message":"not authorized to perform"}'
DENIED = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n%b" % (len(REFUSAL), REFUSAL)


def test_without_its_secret_an_endpoint_is_not_configured_and_the_others_work(
    store: Any, aws: dict[str, str]
) -> None:
    handler = LambdaHandler(lambda: build_app(TWO, aws))

    assert not_configured(handler(http_event("GET", "/api/news"), None)) == ["CRYPTOPANIC_KEY"]
    assert handler(http_event("GET", "/api/keys"), None)["statusCode"] == 200


def test_a_secret_that_may_not_be_read_is_as_one_that_is_not_there(aws: dict[str, str]) -> None:
    with parrot(DENIED) as port:
        there = {**aws, "AWS_ENDPOINT_URL_SSM": f"http://127.0.0.1:{port}"}
        handler = LambdaHandler(lambda: build_app(TWO, there))

        answer = handler(http_event("GET", "/api/news"), None)

    assert not_configured(answer) == ["CRYPTOPANIC_KEY"]
    assert handler(http_event("GET", "/api/keys"), None)["statusCode"] == 200


def test_a_slow_parameter_store_is_waited_for_only_so_long(aws: dict[str, str]) -> None:
    with parrot(None) as port:
        there = {**aws, "AWS_ENDPOINT_URL_SSM": f"http://127.0.0.1:{port}"}
        impatient = httpx.Client(timeout=0.05, trust_env=False)

        assert read_secrets(there, ["API_KEYS"], impatient) == {}


def test_secrets_are_read_once_a_process(store: Any, aws: dict[str, str]) -> None:
    put(store, "CRYPTOPANIC_KEY", "first")
    handler = LambdaHandler(lambda: build_app(TWO, aws))
    told = [handler(http_event("GET", "/api/keys"), None)["body"]]

    store.delete_parameter(Name=f"{PATH}/CRYPTOPANIC_KEY")
    told.append(handler(http_event("GET", "/api/keys"), None)["body"])

    assert [json.loads(body)["keyed"] for body in told] == [["cryptopanic"]] * 2


def not_configured(answer: Any) -> list[str]:
    """The variables that an answer says are not set."""
    error = json.loads(answer["body"])["error"]
    assert (answer["statusCode"], error["code"]) == (503, "NOT_CONFIGURED")
    variables: list[str] = error["details"]["variables"]
    return variables
