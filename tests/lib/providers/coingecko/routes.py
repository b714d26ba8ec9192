"""A CoinGecko on paper: it answers by the end of a route."""

from typing import Any

import httpx

from tests.lib.providers.aggregator import Answer


def routes(answers: dict[str, Any], seen: list[httpx.Request] | None = None) -> Answer:
    """Answer by the last part of the path, or with 404."""

    def answer(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(request)
        found = answers.get(request.url.path.rsplit("/", 1)[-1])
        if isinstance(found, httpx.Response):
            return found
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    return answer
