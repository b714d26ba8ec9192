"""How often a caller may ask, and what is free."""

from functions import load_endpoints
from tests.adapters.front_door.probe import KEY, KEYS, PRICE
from tests.house import House


async def test_the_hundred_and_first_request_of_a_minute_is_refused() -> None:
    async with House(settings={"RATE_LIMIT_IP": "100"}) as house:
        passed = [await house.get(PRICE) for _ in range(100)]
        refused = await house.get(PRICE)

    assert {answer.status for answer in passed} == {200}
    assert passed[0].headers["ratelimit-policy"] == '"ip";q=100;w=60'
    assert passed[0].headers["ratelimit"] == '"ip";r=99;t=60'
    assert passed[99].headers["ratelimit"] == '"ip";r=0;t=60'
    assert (refused.status, refused.error["code"]) == (429, "RATE_LIMITED")
    assert refused.headers["retry-after"] == "60"
    assert refused.error["details"] == {"limit": 100, "window_s": 60, "retry_after_s": 60}


async def test_the_limit_is_a_hundred_by_default() -> None:
    async with House(settings={"RATE_LIMIT_IP": ""}) as house:
        answer = await house.get(PRICE)

    assert answer.headers["ratelimit-policy"] == '"ip";q=100;w=60'


async def test_after_the_minute_the_caller_is_welcome_again() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get(PRICE)
        house.clock.advance(45.2)
        refused = await house.get(PRICE)
        house.clock.advance(int(refused.headers["retry-after"]))
        again = await house.get(PRICE)

    assert refused.headers["retry-after"] == "15"
    assert (refused.status, again.status) == (429, 200)


async def test_errors_count_against_the_limit() -> None:
    async with House(settings={"RATE_LIMIT_IP": "2"}) as house:
        statuses = [(await house.get("/nowhere")).status for _ in range(3)]

    assert statuses == [404, 404, 429]


async def test_zero_is_no_limit(house: House) -> None:
    answers = [await house.get(PRICE) for _ in range(150)]

    assert {answer.status for answer in answers} == {200}
    assert "ratelimit" not in answers[-1].headers


async def test_a_known_key_has_a_limit_of_its_own() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1", **KEYS}) as house:
        await house.get(PRICE)
        bearer = [await house.get(PRICE, authorization=f"Bearer {KEY}") for _ in range(3)]
        header = await house.get(PRICE, x_api_key=KEY)

    assert {answer.status for answer in bearer} == {200}
    assert bearer[0].headers["ratelimit-policy"] == '"key";q=1000;w=60'
    assert header.headers["ratelimit"] == '"key";r=996;t=60'


async def test_a_key_is_refused_after_its_thousandth_request() -> None:
    async with House(settings=KEYS) as house:
        for _ in range(1000):
            await house.get("/api/price/BTC", x_api_key=KEY)
        refused = await house.get("/api/price/BTC", x_api_key=KEY)

    assert (refused.status, refused.error["details"]["limit"]) == (429, 1000)


async def test_what_is_free_is_never_counted() -> None:
    async with House(settings={"RATE_LIMIT_IP": "1"}) as house:
        await house.get(PRICE)
        for target in ("/health", "/health/live", "/health/ready"):
            assert (await house.get(target)).status == 200
        assert (await house.ask("OPTIONS", PRICE)).status == 204
        assert (await house.get("/docs/no-such-file.js")).status == 404
        assert (await house.get("/static/no-such-file.js")).status == 404
        assert (await house.get(PRICE)).status == 429


def test_documents_are_free() -> None:
    free = {endpoint.path for endpoint in load_endpoints() if endpoint.free}

    wanted = {"/docs", "/openapi.json"} & {endpoint.path for endpoint in load_endpoints()}
    assert wanted <= free
    assert {"/health", "/health/live", "/health/ready"} <= free


async def test_a_dotted_path_does_not_turn_a_counted_one_free() -> None:
    async with House(settings={"RATE_LIMIT_IP": "0"}) as house:
        answer = await house.get("/docs/../api/price/BTC")

    assert answer.status == 404
