"""Behaviour of signed requests: as AWS's own SDK signs them."""

import time
from datetime import UTC, datetime
from typing import Any

import botocore.auth
import httpx
import pytest
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SdkCredentials

from adapters.aws.signing import Credentials, find_credentials, signed_headers

NOW_S = 1_764_000_123.0


@pytest.mark.parametrize("token", ["", "a/session+token=="])
@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("POST", "https://ssm.us-east-1.amazonaws.com/", b'{"Names":["/a/B"]}'),
        ("GET", "https://x.execute-api.eu-central-1.amazonaws.com/dev?a=1&b=%20", b""),
        ("POST", "http://127.0.0.1:5000/%40connections/L0SM9cOFvHcCIhw%3D", "ü".encode()),
        ("POST", "https://x.execute-api.eu-central-1.amazonaws.com/dev/@connections/a%3D", b"{}"),
    ],
)
def test_a_signature_is_the_sdks(
    method: str, url: str, body: bytes, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Frozen(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.fromtimestamp(NOW_S, tz or UTC)

        @classmethod
        def utcnow(cls) -> Any:
            return datetime.fromtimestamp(NOW_S, UTC).replace(tzinfo=None)

    monkeypatch.setattr(
        botocore.auth,
        "get_current_datetime",
        lambda remove_tzinfo=True: Frozen.utcnow(),
        raising=False,
    )
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "A.B  C"}
    request = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    theirs = SdkCredentials("AKID", "secret", token or None)
    botocore.auth.SigV4Auth(theirs, "ssm", "us-east-1").add_auth(request)

    ours = signed_headers(
        method,
        url,
        headers,
        body,
        service="ssm",
        region="us-east-1",
        credentials=Credentials("AKID", "secret", token),
        now_s=NOW_S,
    )

    assert ours["x-amz-date"] == time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(NOW_S))
    assert ours["authorization"] == request.headers["Authorization"]


def test_secrets_never_show() -> None:
    assert "secret" not in repr(Credentials("AKID", "secret", "token"))


def _told(request: httpx.Request) -> httpx.Response:
    assert request.headers["authorization"] == "a-token"
    found = {"AccessKeyId": "A", "SecretAccessKey": "S", "Token": "T"}
    return httpx.Response(200, json=found)


def test_under_snapstart_credentials_come_from_their_address() -> None:
    environ = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:2773/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a-token",
    }

    with httpx.Client(transport=httpx.MockTransport(_told)) as client:
        assert find_credentials(environ, client) == Credentials("A", "S", "T")


def test_without_credentials_there_are_none() -> None:
    with httpx.Client(transport=httpx.MockTransport(_told)) as client:
        assert find_credentials({}, client) is None
