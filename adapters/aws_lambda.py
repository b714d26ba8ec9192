"""Endpoints as a Lambda function: the same ASGI app, a few routes wide, under Mangum.

AWS shows its own text for an exception, a `None` or an answer over 6 MB; callers get the envelope
instead, whatever happens here.
"""

import asyncio
import json
import logging
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from mangum import Mangum

from lib.endpoint import Endpoint
from lib.errors import ApiError, InternalError, InvalidParameter, PayloadTooLarge

if TYPE_CHECKING:
    from lib.runtime import Runtime

Event = dict[str, Any]
Answer = dict[str, Any]
App = Callable[[Any, Any, Any], Awaitable[None]]

LARGEST_ANSWER: Final = 5_500_000
"""Bytes of JSON that go back to AWS, whose own end is at 6,291,556."""

EXCHANGE_S: Final = 1.0

SAFE_TEXT: Final = LARGEST_ANSWER // 6
"""No text below this exceeds `LARGEST_ANSWER` as JSON: an escaped character takes six bytes."""

_log = logging.getLogger("dreammaker.lambda")


class LambdaHandler:
    """What AWS calls. The service is built at the first event and kept between events."""

    def __init__(self, build: Callable[[], Mangum]) -> None:
        self._build = build
        self._app: Mangum | None = None

    def __call__(self, event: Event, context: Any) -> Answer:
        if not _is_http(event):
            return _refuse(event, _not_http(event))
        try:
            if self._app is None:
                self._app = self._build()
            answer = self._app(event, context)
        except Exception:
            _log.exception("lambda.failed")
            return _refuse(event, InternalError("Something went wrong on our side"))
        size = _wire_size(answer)
        if size > LARGEST_ANSWER:
            return _refuse(event, _too_large(size), _kept_headers(answer))
        return answer


def lambda_handler(*endpoints: Endpoint) -> LambdaHandler:
    """The handler of one function."""
    # Lambda's composition root: what `Settings.load()` reads by itself has secrets joined to it
    return LambdaHandler(partial(build_app, endpoints, os.environ))


def build_app(endpoints: tuple[Endpoint, ...], environ: Mapping[str, str]) -> Mangum:
    """The service of these endpoints under Mangum; secrets are read from SSM if so configured.

    Raises:
        SettingsError: a variable has a value that it cannot have.
    """
    import ssl

    from adapters.aws.secrets import read_secrets, secret_names
    from lib.log import set_up_logging
    from lib.runtime import build_runtime, choose_ledger
    from lib.settings import Settings

    tls = ssl.create_default_context()  # once: a sixth of the whole start
    secrets = read_secrets(environ, secret_names(endpoints), tls=tls)
    settings = Settings.load(secrets | {k: v for k, v in environ.items() if v.strip()})
    set_up_logging("debug" if settings.debug else settings.log_level, settings.secrets())
    logging.getLogger("mangum").setLevel(logging.WARNING)  # it logs each path as it came
    runtime = build_runtime(settings, names=_sources_of(endpoints), inline=True, tls=tls)
    runtime.ledger = choose_ledger(settings, runtime.clock, disk=False)
    return host(endpoints, runtime)


def host(endpoints: Sequence[Endpoint], runtime: "Runtime") -> Mangum:
    """A service that is built, under Mangum: in step with other instances where they share a
    store."""
    from adapters.asgi import create_app

    app: App = create_app(endpoints, runtime)
    if runtime.store:
        runtime.count_together()
        app = InStep(app, runtime.sync, runtime.clock.monotonic)
    return Mangum(Enveloped(app), lifespan="off")


def _sources_of(endpoints: tuple[Endpoint, ...]) -> list[str] | None:
    """The sources that a function asks; all (`None`) for one without feeds of its own: it tells of
    them, as /api/providers does."""
    names = [source for e in endpoints for feed in e.feeds for source in feed.sources]
    return None if endpoints and not names else names


class InStep:
    """Pure ASGI: exchanges counts of callers and of what sources were asked with other instances,
    beside a request and at most once a second. A frozen process has no background for it."""

    def __init__(
        self, app: App, sync: Callable[[], Awaitable[None]], monotonic: Callable[[], float]
    ) -> None:
        self._app = app
        self._sync = sync
        self._monotonic = monotonic
        self._due_s = 0.0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        now_s = self._monotonic()
        if now_s < self._due_s:
            await self._app(scope, receive, send)
            return
        self._due_s = now_s + EXCHANGE_S
        answering = asyncio.ensure_future(self._app(scope, receive, send))
        await asyncio.gather(answering, self._sync())


class Enveloped:
    """Pure ASGI: an answer whole or not at all; what the front door itself raises is told in the
    envelope, where Mangum would answer in plain text."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        messages: list[Any] = []

        async def keep(message: Any) -> None:
            messages.append(message)

        try:
            await self._app(scope, receive, keep)
        except Exception:
            _log.exception("lambda.failed")
            refusal = _refuse({}, InternalError("Something went wrong on our side"))
            headers = [(k.encode(), v.encode()) for k, v in refusal["headers"].items()]
            body = b"" if scope["method"] == "HEAD" else refusal["body"].encode()
            messages = [
                {"type": "http.response.start", "status": 500, "headers": headers},
                {"type": "http.response.body", "body": body},
            ]
        for message in messages:
            await send(message)


def _is_http(event: Any) -> bool:
    """Whether an HTTP API, a REST API, a function URL or a load balancer sent this."""
    if not isinstance(event, dict) or not isinstance(event.get("requestContext"), dict):
        return False
    if event.get("version") == "2.0":
        return isinstance(event["requestContext"].get("http"), dict)
    return isinstance(event.get("httpMethod"), str) and isinstance(event.get("path"), str)


def _not_http(event: Any) -> ApiError:
    known = event.get("source") or event.get("detail-type") if isinstance(event, dict) else None
    return InvalidParameter.of("event", str(known or type(event).__name__), "an HTTP event")


def _too_large(size: int) -> ApiError:
    return PayloadTooLarge(
        "The answer is larger than this host can send: ask for less, or accept compression",
        {"bytes": size, "limit_bytes": LARGEST_ANSWER},
    )


def _wire_size(answer: Answer) -> int:
    """Bytes of the answer as JSON; exact where it matters."""
    body = answer.get("body") or ""
    if len(body) < SAFE_TEXT:
        return len(body)
    return len(json.dumps(answer, ensure_ascii=False).encode())


def _kept_headers(answer: Answer) -> dict[str, str]:
    """What stays true of a refused answer: who asked, their limit, their origin."""
    kept = ("x-request-id", "ratelimit", "access-control-", "vary", "x-content", "referrer")
    several = {k: ",".join(v) for k, v in answer.get("multiValueHeaders", {}).items()}
    given = answer.get("headers") or several
    return {k: v for k, v in given.items() if k.startswith(kept)}


def _refuse(event: Any, error: ApiError, headers: Mapping[str, str] | None = None) -> Answer:
    """The envelope as API Gateway takes it, with neither settings nor runtime at hand."""
    from adapters.envelope import render_error
    from lib.clock import SystemClock

    headers = headers or {}
    asked = event.get("headers") if isinstance(event, dict) else None
    accept = next((v for k, v in (asked or {}).items() if k.lower() == "accept"), "")
    request_id = headers.get("x-request-id", os.urandom(8).hex())
    body, media_type = render_error(error, SystemClock().now_ms(), request_id, str(accept))
    told = {
        "x-request-id": request_id,
        **headers,
        "content-type": media_type,
        "cache-control": "no-store",
    }
    answer = {"statusCode": error.status, "headers": told, "isBase64Encoded": False}
    if isinstance(event, dict) and "multiValueHeaders" in event:  # a load balancer reads no others
        answer["multiValueHeaders"] = {name: [value] for name, value in told.items()}
    return answer | {"body": body.decode()}
