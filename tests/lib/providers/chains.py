"""An upstream on paper: answers by path, and what was asked."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import parse_qs

import httpx

from lib.providers.base import Provider
from tests.conftest import StillClock

P = TypeVar("P", bound=Provider)


def asking(
    kind: type[P],
    answers: Mapping[str, Any] | Callable[[httpx.Request], Any],
    *,
    key: str | None = None,
    base_url: str | None = None,
) -> tuple[P, list[httpx.Request]]:
    """A provider, and the requests that it makes. An answer is a status or a value sent as JSON;
    a path that is not listed is a 404."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        listed = isinstance(answers, Mapping)
        said = answers.get(request.url.path, 404) if listed else answers(request)
        if isinstance(said, int):
            return httpx.Response(said)
        if isinstance(said, bytes):
            return httpx.Response(200, content=said)
        return httpx.Response(200, json=said)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    return kind(client, StillClock(), base_url, key), asked


def params(request: httpx.Request) -> dict[str, str]:
    """A request's parameters."""
    return {name: values[-1] for name, values in parse_qs(request.url.query.decode()).items()}
