"""Refusals as chart libraries read them."""

from typing import Any

import msgspec

from adapters.udf_refusal import in_udf
from lib.context import Context
from lib.endpoint import Document, Request
from lib.errors import ApiError, InvalidSymbol, RateLimited
from tests.house import NOW_MS, House


async def answer_to(error: ApiError | None) -> Any:
    """What becomes of an endpoint's error, or of its reply."""

    async def endpoint(request: Request, ctx: Context) -> str:
        """Say it."""
        if error:
            raise error
        return "fine"

    async with House() as house:
        wrapped = in_udf(endpoint)
        assert (wrapped.__name__, wrapped.__doc__) == ("endpoint", "Say it.")
        return await wrapped(Request(), house.runtime.context())


async def test_a_reply_goes_through() -> None:
    assert await answer_to(None) == "fine"


async def test_an_error_is_a_document_under_its_own_status() -> None:
    made = await answer_to(InvalidSymbol.of("QQQ/USDT"))

    assert isinstance(made, Document)
    assert (made.status, made.media_type, made.max_age_s) == (404, "application/json", 0)
    body = msgspec.json.decode(made.body)
    assert body == {
        "s": "error",
        "errmsg": "Symbol QQQ/USDT is not supported",
        "success": False,
        "error": {
            "code": "INVALID_SYMBOL",
            "message": "Symbol QQQ/USDT is not supported",
            "details": {"symbol": "QQQ/USDT", "supported_symbols": [], "suggestions": []},
        },
        "timestamp": NOW_MS,
    }


async def test_the_headers_of_an_error_are_kept() -> None:
    made = await answer_to(RateLimited("slower", headers={"Retry-After": "7"}))

    assert made.headers == (("Retry-After", "7"),)
