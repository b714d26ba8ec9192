"""Behaviour of requests to AWS: signed, tried again when AWS is busy, their refusals told apart."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from adapters.aws.calls import AwsCalls, NoCredentials
from adapters.aws.dynamodb import Table, TableFailed
from adapters.aws.posting import LARGEST_POST, Gone, NotPosted, Postbox
from tests.conftest import StillClock
from tests.gateway import KEYS
from tests.servers import parrot

pytestmark = pytest.mark.anyio

THROTTLED = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}
BUSY = {"__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException"}


class Aws:
    """Answers as told, the last one for ever, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[httpx.Response | Exception] = []
        self.asked: list[httpx.Request] = []
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def calls(self, **environ: str) -> AwsCalls:
        return AwsCalls(self.client, environ or KEYS, StillClock(), first_wait_s=0)


@pytest.fixture
async def aws() -> AsyncIterator[Aws]:
    made = Aws()
    yield made
    await made.client.aclose()


def said(status: int, body: Any = None) -> httpx.Response:
    return httpx.Response(status, json=body) if body is not None else httpx.Response(status)


@pytest.mark.parametrize(
    "busy",
    [
        lambda: said(429),
        lambda: said(503),
        lambda: said(400, THROTTLED),
        lambda: said(400, BUSY),
        lambda: httpx.ConnectError("nobody"),
    ],
)
async def test_a_busy_service_is_asked_again(aws: Aws, busy: Callable[[], Any]) -> None:
    aws.answers = [busy(), busy(), said(200, {})]

    reply = await aws.calls().send("POST", "https://dynamodb.test/", service="dynamodb")

    assert reply.status_code == 200
    assert len(aws.asked) == 3


@pytest.mark.parametrize("answer", [said(400, {"__type": "ValidationException"}), said(403)])
async def test_a_refusal_is_not_asked_again(aws: Aws, answer: httpx.Response) -> None:
    aws.answers = [answer]

    reply = await aws.calls().send("POST", "https://dynamodb.test/", service="dynamodb")

    assert reply is answer
    assert len(aws.asked) == 1


async def test_a_late_answer_is_not_asked_for_again(aws: Aws) -> None:
    aws.answers = [httpx.ReadTimeout("late")]

    with pytest.raises(httpx.ReadTimeout):
        await aws.calls().send("POST", "https://dynamodb.test/", service="dynamodb")
    assert len(aws.asked) == 1


async def test_tries_come_to_an_end(aws: Aws) -> None:
    aws.answers = [httpx.ConnectError("nobody")]

    with pytest.raises(httpx.ConnectError):
        await aws.calls().send("POST", "https://dynamodb.test/", service="dynamodb")
    assert len(aws.asked) == 4


async def test_nobody_signs_without_credentials(aws: Aws) -> None:
    with pytest.raises(NoCredentials):
        await aws.calls(AWS_REGION="x").send("POST", "https://x.test/", service="dynamodb")


async def test_credentials_that_run_out_are_asked_for_again(aws: Aws) -> None:
    keys = json.dumps({"AccessKeyId": "AKID", "SecretAccessKey": "s", "Token": "t"}).encode()
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(keys) + keys
    aws.answers = [said(200, {})]
    clock = StillClock()
    with parrot(answer) as port:
        environ = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{port}/"}
        calls = AwsCalls(aws.client, environ, clock)
        await calls.send("POST", "https://x.test/", service="dynamodb")
    await calls.send("POST", "https://x.test/", service="dynamodb")  # kept for a while
    clock.advance(301)

    with pytest.raises(httpx.ConnectError):
        await calls.send("POST", "https://x.test/", service="dynamodb")
    assert all("Credential=AKID/" in r.headers["authorization"] for r in aws.asked)
    assert len(aws.asked) == 2


@pytest.mark.parametrize(
    ("environ", "address"),
    [
        ({}, "https://dynamodb.us-east-1.amazonaws.com/"),
        ({"AWS_REGION": "eu-central-1"}, "https://dynamodb.eu-central-1.amazonaws.com/"),
        ({"AWS_ENDPOINT_URL": "http://a:1/"}, "http://a:1/"),
        ({"AWS_ENDPOINT_URL": "http://a", "AWS_ENDPOINT_URL_DYNAMODB": "http://b"}, "http://b/"),
    ],
)
async def test_a_service_is_where_the_region_or_a_setting_says(
    aws: Aws, environ: dict[str, str], address: str
) -> None:
    assert AwsCalls(aws.client, environ, StillClock()).address("dynamodb") == address


async def test_a_post_names_its_connection_once_and_encoded(aws: Aws) -> None:
    aws.answers = [said(200)]

    await Postbox(aws.calls(), "https://x.test/dev").post("L0SM9cOF/w=", b"{}")

    assert aws.asked[0].url.raw_path == b"/dev/@connections/L0SM9cOF%2Fw%3D"
    assert "/us-east-1/execute-api/aws4_request" in aws.asked[0].headers["authorization"]


async def test_a_410_says_that_a_connection_is_gone(aws: Aws) -> None:
    aws.answers = [said(410)]

    with pytest.raises(Gone):
        await Postbox(aws.calls(), "https://x.test").post("a", b"{}")


@pytest.mark.parametrize("answer", [said(403), said(413), httpx.ReadTimeout("late")])
async def test_any_other_failure_says_that_a_message_did_not_get_through(
    aws: Aws, answer: Any
) -> None:
    aws.answers = [answer]

    with pytest.raises(NotPosted):
        await Postbox(aws.calls(), "https://x.test").post("a", b"{}")


async def test_a_message_that_no_frame_can_carry_is_not_posted(aws: Aws) -> None:
    with pytest.raises(NotPosted):
        await Postbox(aws.calls(), "https://x.test").post("a", b"x" * (LARGEST_POST + 1))
    assert aws.asked == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (said(400, {"__type": "x#ResourceNotFoundException"}), "GetItem: ResourceNotFound"),
        (said(500, {}), "GetItem: 500"),
        (httpx.Response(200, text="<html>"), "GetItem: JSONDecodeError"),
        (httpx.ConnectError("secret.host"), "GetItem: ConnectError"),
    ],
)
async def test_a_table_says_in_a_word_why_it_failed(aws: Aws, answer: Any, told: str) -> None:
    aws.answers = [answer]

    with pytest.raises(TableFailed, match=told):
        await Table(aws.calls(), "t").get({"pk": "a", "sk": "b"})


async def test_what_a_batch_leaves_over_is_written_by_the_next(aws: Aws) -> None:
    rest = {"t": [{"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}}]}
    aws.answers = [said(200, {"UnprocessedItems": rest}), said(200, {"UnprocessedItems": {}})]

    await Table(aws.calls(), "t").write([], [{"pk": "a", "sk": "b"}])

    assert [json.loads(request.content)["RequestItems"] for request in aws.asked] == [rest, rest]


async def test_a_batch_that_is_never_taken_is_a_failure(aws: Aws) -> None:
    rest = {"t": [{"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}}]}
    aws.answers = [said(200, {"UnprocessedItems": rest})]

    with pytest.raises(TableFailed, match="Unprocessed"):
        await Table(aws.calls(), "t").write([], [{"pk": "a", "sk": "b"}])


async def test_many_rows_are_written_25_at_a_time(aws: Aws) -> None:
    aws.answers = [said(200, {})]

    await Table(aws.calls(), "t").write([{"pk": "a", "sk": str(n)} for n in range(60)], [])

    sizes = [len(json.loads(request.content)["RequestItems"]["t"]) for request in aws.asked]
    assert sizes == [25, 25, 10]


async def test_a_query_reads_every_page(aws: Aws) -> None:
    def item(sk: str) -> Any:
        return {"pk": {"S": "a"}, "sk": {"S": sk}, "expires_at": {"N": "9"}}

    more = {"pk": {"S": "a"}, "sk": {"S": "1"}}
    aws.answers = [
        said(200, {"Items": [item("1")], "LastEvaluatedKey": more}),
        said(200, {"Items": [item("2")]}),
    ]

    rows = await Table(aws.calls(), "t").query("a", 5)

    assert [row["sk"] for row in rows] == ["1", "2"]
    assert json.loads(aws.asked[1].content)["ExclusiveStartKey"] == more
