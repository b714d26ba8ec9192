"""Endpoints as a Lambda function: the same ASGI app, a few routes wide, under Mangum."""

from typing import Any

from mangum import Mangum

from lib.endpoint import Endpoint


class LambdaHandler:
    """What AWS calls. The service is built at the first event and kept between events."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self._endpoints = endpoints
        self._app: Mangum | None = None

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        if self._app is None:
            self._app = self._build()
        return self._app(event, context)

    def _build(self) -> Mangum:
        from adapters.asgi import create_app
        from lib.runtime import build_runtime
        from lib.settings import Settings

        names = dict.fromkeys(
            source for e in self._endpoints for feed in e.feeds for source in feed.sources
        )
        runtime = build_runtime(Settings.load(), names=names, inline=True)
        return Mangum(create_app(self._endpoints, runtime), lifespan="off")


def lambda_handler(*endpoints: Endpoint) -> LambdaHandler:
    """The handler of one function."""
    return LambdaHandler(endpoints)
