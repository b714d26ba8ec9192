"""The wall clock is set on or back: nothing old passes for new."""

import pytest

from tests.house import House

HOUR_S = 3600


@pytest.mark.parametrize("jump_s", [HOUR_S, -HOUR_S])
@pytest.mark.parametrize("path", ["/api/price/BTC", "/api/orderbook/ETH", "/api/market?limit=5"])
async def test_an_answer_from_before_a_jump_is_not_sent_after_it(
    house: House, path: str, jump_s: int
) -> None:
    before = await house.get(path)
    house.clock._now_ms += jump_s * 1000  # the wall clock alone

    after = await house.get(path)

    assert (after.status, after.headers["x-cache"], after.headers["age"]) == (200, "miss", "0")
    assert after.json["meta"]["fetched_at"] != before.json["meta"]["fetched_at"]
