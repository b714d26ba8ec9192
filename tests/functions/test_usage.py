"""GET /api/usage."""

from hashlib import sha256

from tests.house import NOW_MS, House

KEYS = {name: f"dm_key-of-{name}" for name in ("ann", "bob")}
ENTRIES = ",".join(f"{name}:{sha256(key.encode()).hexdigest()}" for name, key in KEYS.items())


async def test_a_key_sees_what_it_has_used_this_request_included() -> None:
    async with House(settings={"API_KEYS": ENTRIES, "RATE_LIMIT_KEY": "50"}) as house:
        for _ in range(4):
            await house.get("/api/price/BTC", x_api_key=KEYS["ann"])
        house.clock.advance(20)
        answer = await house.get("/api/usage", x_api_key=KEYS["ann"])

    assert answer.json == {
        "success": True,
        "timestamp": NOW_MS + 20_000,
        "key": "ann",
        "limit": 50,
        "used": 5,
        "remaining": 45,
        "resets_in_s": 40,
    }
    assert answer.headers["ratelimit"] == '"key";r=45;t=40'


async def test_each_key_sees_only_its_own() -> None:
    async with House(settings={"API_KEYS": ENTRIES}) as house:
        await house.get("/api/price/BTC", x_api_key=KEYS["ann"])
        answer = await house.get("/api/usage", x_api_key=KEYS["bob"])

    assert (answer.json["key"], answer.json["used"]) == ("bob", 1)
    assert answer.headers["cache-control"] == "no-store"


async def test_no_limit_is_told_as_none() -> None:
    async with House(settings={"API_KEYS": ENTRIES, "RATE_LIMIT_KEY": "0"}) as house:
        body = (await house.get("/api/usage", x_api_key=KEYS["ann"])).json

    assert (body["limit"], body["remaining"]) == (0, None)
