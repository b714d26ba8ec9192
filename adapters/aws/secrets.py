"""Keys of upstreams and callers from SSM Parameter Store, read once a process.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
A parameter that is missing, or that this function may not read, is a variable that is not set: what
needs it answers NOT_CONFIGURED, all else works.
"""

import json
import logging
import ssl
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import httpx

from adapters.aws.signing import find_credentials, signed_headers
from lib.endpoint import Endpoint
from lib.runtime import load_providers
from lib.trigger import Trigger

STORE: Final = ("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN")
CALLERS: Final = ("API_KEYS", *STORE)
"""What every function reads that has callers: who may call, and the store that functions share."""

MODELS: Final = ("HF_TOKEN", "HF_FORECAST_URL", "HF_SENTIMENT_URL")

MOST_NAMES: Final = 10  # GetParameters' own limit
DEADLINE_S: Final = 1.5

_log = logging.getLogger("dreammaker.secrets")


def secret_names(
    endpoints: Iterable[Endpoint | Trigger], shared: Sequence[str] = CALLERS
) -> tuple[str, ...]:
    """The variables that a function of these reads from the parameter store: the keys of its own
    sources and no others, beside what functions share. Its IAM policy names the same ones."""
    endpoints = tuple(endpoints)
    sources = [name for e in endpoints for feed in e.feeds for name in feed.sources]
    kinds = load_providers(sources).values() if sources else ()
    keys = {kind.key_variable for kind in kinds if kind.key_variable}
    models = MODELS if any(e.bundle == "ai" for e in endpoints) else ()
    return tuple(dict.fromkeys((*shared, *sorted(keys), *models)))


def trigger_secrets(trigger: Trigger) -> tuple[str, ...]:
    """The same for a function that no HTTP request reaches: without callers it knows no keys of
    theirs."""
    return secret_names([trigger], CALLERS if trigger.routes else STORE)


def read_secrets(
    environ: Mapping[str, str],
    names: Sequence[str],
    client: httpx.Client | None = None,
    *,
    tls: ssl.SSLContext | None = None,
) -> dict[str, str]:
    """The values of these variables under the path that `SECRETS_PATH` names; without it, or when
    AWS refuses, nothing.

    Args:
        tls: whom to trust, if the process has read that already.
    """
    root = environ.get("SECRETS_PATH", "").rstrip("/")
    if not root:
        return {}
    region = environ.get("AWS_REGION", "us-east-1")
    url = environ.get("AWS_ENDPOINT_URL_SSM") or environ.get("AWS_ENDPOINT_URL")
    url = (url or f"https://ssm.{region}.amazonaws.com").rstrip("/") + "/"
    found: dict[str, str] = {}
    with client or _client(url, tls) as asking:
        try:
            for start in range(0, len(names), MOST_NAMES):
                wanted = [f"{root}/{name}" for name in names[start : start + MOST_NAMES]]
                found |= _ask(asking, environ, url, region, wanted)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            _log.warning("secrets.unread", extra={"why": type(error).__name__})
    return found


def _client(url: str, tls: ssl.SSLContext | None) -> httpx.Client:
    if tls is None and url.startswith("https:"):
        tls = ssl.create_default_context()
    return httpx.Client(verify=tls or True, trust_env=False, timeout=DEADLINE_S)


def _ask(
    client: httpx.Client, environ: Mapping[str, str], url: str, region: str, wanted: list[str]
) -> dict[str, str]:
    credentials = find_credentials(environ, client)
    if credentials is None:
        _log.warning("secrets.unread", extra={"why": "no credentials"})
        return {}
    body = json.dumps({"Names": wanted, "WithDecryption": True}).encode()
    headers = signed_headers(
        "POST",
        url,
        {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.GetParameters"},
        body,
        service="ssm",
        region=region,
        credentials=credentials,
        now_s=time.time(),
    )
    reply = client.post(url, content=body, headers=headers)
    if reply.status_code != 200:
        kind = str(reply.json().get("__type", ""))[-60:]
        _log.warning("secrets.unread", extra={"status": reply.status_code, "why": kind})
        return {}
    told = reply.json()
    return {str(p["Name"]).rsplit("/", 1)[1]: str(p["Value"]) for p in told["Parameters"]}
