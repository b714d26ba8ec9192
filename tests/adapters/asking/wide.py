"""A request model with every kind of field, and what comes of asking for it."""

from typing import Annotated, Any, ClassVar, Literal

import pytest
from pydantic import BeforeValidator, Field

from adapters.asking import read_query, validate
from lib.endpoint import Endpoint, Reply, Request
from lib.errors import InvalidParameter


class Wide(Request):
    """Every kind of field."""

    aliases: ClassVar[dict[str, str]] = {"interval": "timeframe"}

    symbol: Annotated[str, Field(description="an asset or a pair, in any spelling")]
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    depth: Annotated[int, Field(ge=1)] = 1
    share: Annotated[float, Field(ge=0, le=1)] = 0.5
    sort: Literal["rank", "volume"] = "rank"
    order: Annotated[Literal["asc", "desc"], BeforeValidator(str)] | None = None
    timeframe: Literal["1h", "1d"] | None = None
    all: bool = False
    from_: Annotated[int, Field(ge=0, alias="from", description="a Unix time in milliseconds")] = 0
    note: str | None = None
    since: int | None = None


async def unused(request: Wide, ctx: Any) -> Reply:
    """Never called here."""
    raise NotImplementedError


ENDPOINT = Endpoint(
    method="GET", path="/wide/{symbol:path}", request=Wide, reply=Reply, call=unused
)


def ask(query: bytes = b"", body: dict[str, Any] | None = None, symbol: str = "BTC") -> Wide:
    """The model of a request."""
    made = validate(ENDPOINT, {"symbol": symbol}, read_query(query), body or {})
    assert isinstance(made, Wide)
    return made


def refused(query: bytes, body: dict[str, Any] | None = None) -> Any:
    """The fields that a request is refused for."""
    with pytest.raises(InvalidParameter) as refusal:
        ask(query, body)
    return refusal.value.details["fields"]
