"""A bad body is refused, and one that nobody wants is not read."""

import pytest

from tests.functions.bad_input.refusal import KEY, KEYS
from tests.house import House


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"not json", {}, 400),
        (b"[]", {}, 400),
        (b"null", {}, 400),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, {}, 400),
        (b'{"a":NaN}', {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"{}", {"content-type": "text/plain"}, 415),
        (b"a=1", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b"\x1f\x8b", {"content-encoding": "gzip"}, 415),
        (b"x" * 66_000, {}, 413),
        (b"{}", {"content-length": "70000"}, 413),
    ],
)
async def test_a_bad_body_is_refused(body: bytes, headers: dict[str, str], status: int) -> None:
    async with House(settings=KEYS) as house:
        answer = await house.ask(
            "POST", "/api/admin/cache/purge", {"x-api-key": KEY, **headers}, body
        )

    codes = {400: "INVALID_PARAMETER", 413: "PAYLOAD_TOO_LARGE", 415: "UNSUPPORTED_MEDIA_TYPE"}
    assert (answer.status, answer.error["code"]) == (status, codes[status])


async def test_a_body_on_a_get_is_not_read(house: House) -> None:
    answer = await house.ask("GET", "/api/price/BTC", {"content-type": "text/plain"}, b"x" * 99_999)

    assert answer.status == 200
