"""AWS requests without an SDK: Signature Version 4 and the credentials that it needs.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
boto3 would cost a function more than twice its whole import (docs/decisions/0013).
"""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import httpx


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who signs; `token` belongs to temporary credentials, which all of Lambda's are."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)


def find_credentials(environ: Mapping[str, str], client: httpx.Client) -> Credentials | None:
    """A function's credentials: from its environment, or under SnapStart, where those of the
    snapshot would have expired, from the address that the environment names.

    Raises:
        httpx.HTTPError: that address does not answer.
    """
    if key := environ.get("AWS_ACCESS_KEY_ID"):
        secret = environ.get("AWS_SECRET_ACCESS_KEY", "")
        return Credentials(key, secret, environ.get("AWS_SESSION_TOKEN", ""))
    address = environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if not address:
        return None
    token = environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN", "")
    told = client.get(address, headers={"Authorization": token}).raise_for_status().json()
    return Credentials(told["AccessKeyId"], told["SecretAccessKey"], told.get("Token", ""))


def signed_headers(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    now_s: float,
) -> dict[str, str]:
    """The headers to send, `Authorization` among them. The URL's query must be sorted and encoded
    already, its path encoded once."""
    parts = urlsplit(url)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now_s))
    sent: dict[str, str] = {k.lower(): v for k, v in headers.items()}
    sent |= {"host": parts.netloc, "x-amz-date": stamp}
    if credentials.token:
        sent["x-amz-security-token"] = credentials.token
    names = ";".join(sorted(sent))
    canonical = "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/-_.~"),
            parts.query,
            *(f"{name}:{' '.join(sent[name].split())}" for name in sorted(sent)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    key: Any = ("AWS4" + credentials.secret_key).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.access_key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return sent
