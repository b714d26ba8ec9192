"""Behaviour of secrets from SSM Parameter Store, against moto's and against refusals."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from adapters.aws_lambda import LambdaHandler, build_app
from adapters.secrets_ssm import read_secrets, secret_names
from lib.context import Context
from lib.endpoint import Endpoint, Reply, Request
from lib.feeds import BOOKS, CAPS
from rehearsal.events import http_event

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
