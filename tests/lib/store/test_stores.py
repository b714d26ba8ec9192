"""What every store promises, asked of each over a real Redis."""

import asyncio
import json

import pytest

from lib.store import BadEntry
from lib.store.remote import RemoteStore
from tests.servers import RedisServer
from tests.upstash_rest import UpstashRest

pytestmark = pytest.mark.anyio

VALUES = {
    "small": b'{"symbol":"BTC","last":42150.25}',
    "other scripts": '{"name":"\u6bd4\u7279\u5e01 \u2014 \U0001f680"}'.encode(),
    "reads like a status": b"OK",
    "empty": b"",
    "looks packed": b"zebra",
    "no text": bytes(range(256)),
    "45 KB": json.dumps([{"rank": n, "price": n * 1.25} for n in range(1400)]).encode(),
    "600 KB": json.dumps([f"coin-{n}" for n in range(40_000)]).encode(),
}


def left_ms(server: RedisServer, key: str) -> int:
    """How long the server still keeps a key, past our own code."""
    return int(server.ask("PTTL", key).strip(b":\r\n"))


async def test_nothing_lies_under_a_new_key(store: RemoteStore) -> None:
    assert await store.get("v1:new") is None


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_a_value_comes_back_byte_for_byte(store: RemoteStore, value: bytes) -> None:
    await store.put("v1:value", value, 60)

    assert await store.get("v1:value") == value


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
async def test_a_value_put_by_one_kind_is_read_by_the_other(
    store: RemoteStore, other_store: RemoteStore, value: bytes
) -> None:
    await store.put("v1:there", value, 60)
    await other_store.put("v1:back", value, 60)

    assert (await other_store.get("v1:there"), await store.get("v1:back")) == (value, value)


async def test_a_value_is_kept_as_long_as_asked(
    store: RemoteStore, redis_server: RedisServer
) -> None:
    await store.put("v1:day", b"1", 86400)

    assert 80_000_000 < left_ms(redis_server, "v1:day") <= 86_400_000


async def test_a_value_runs_out(store: RemoteStore, redis_server: RedisServer) -> None:
    await store.put("v1:brief", b"1", 0.0)  # that is, for a millisecond
    for _ in range(100):
        redis_server.ask("PING")

    assert await store.get("v1:brief") is None


async def test_a_put_replaces_whatever_lay_there(
    store: RemoteStore, redis_server: RedisServer
) -> None:
    redis_server.ask("RPUSH", "v1:key", "a list")

    await store.put("v1:key", b"1", 60)

    assert await store.get("v1:key") == b"1"


async def test_exactly_one_of_many_racing_claims_wins(
    store: RemoteStore, other_store: RemoteStore
) -> None:
    racers = [store, other_store] * 20

    won = await asyncio.gather(*(racer.claim("v1:claim", 60, "v1:value") for racer in racers))

    assert [claim.mine for claim in won].count(True) == 1


async def test_a_claim_runs_out_by_itself(store: RemoteStore, redis_server: RedisServer) -> None:
    await store.claim("v1:claim", 60, "v1:value")

    assert 0 < left_ms(redis_server, "v1:claim") <= 60_000


async def test_a_released_claim_is_free_for_others(
    store: RemoteStore, other_store: RemoteStore
) -> None:
    await store.claim("v1:claim", 60, "v1:value")
    await store.release("v1:claim")

    assert await other_store.claim("v1:claim", 60, "v1:value") == (True, None)


async def test_nobody_releases_the_claim_of_another(
    store: RemoteStore, other_store: RemoteStore
) -> None:
    await other_store.claim("v1:claim", 60, "v1:value")

    await store.release("v1:claim")
    await store.settle("v1:value", b"late", 60, "v1:claim")

    assert await store.claim("v1:claim", 60, "v1:value") == (False, b"late")


async def test_settling_shows_the_value_and_frees_the_claim(
    store: RemoteStore, other_store: RemoteStore
) -> None:
    await store.claim("v1:claim", 60, "v1:value")

    await store.settle("v1:value", b'{"last":1}', 60, "v1:claim")

    assert await other_store.get("v1:value") == b'{"last":1}'
    assert await other_store.claim("v1:claim", 60, "v1:value") == (True, b'{"last":1}')


async def test_a_count_adds_up_over_processes(store: RemoteStore, other_store: RemoteStore) -> None:
    first = await store.add("v1:count", 3, 60)
    second = await other_store.add("v1:count", 4, 60)
    third = await store.add("v1:count", -2, 60)

    assert (first, second, third) == (3, 7, 5)


async def test_racing_additions_lose_nothing(store: RemoteStore, other_store: RemoteStore) -> None:
    racers = [store, other_store] * 25

    totals = await asyncio.gather(*(racer.add("v1:count", 1, 60) for racer in racers))

    assert sorted(totals) == list(range(1, 51))


async def test_a_count_keeps_its_first_expiry(
    store: RemoteStore, redis_server: RedisServer
) -> None:
    await store.add("v1:count", 1, 60)
    await store.add("v1:count", 1, 86400)

    assert 0 < left_ms(redis_server, "v1:count") <= 60_000


async def test_a_count_without_expiry_is_given_one(
    store: RemoteStore, redis_server: RedisServer
) -> None:
    redis_server.ask("SET", "v1:count", "41")

    assert await store.add("v1:count", 1, 60) == 42
    assert 0 < left_ms(redis_server, "v1:count") <= 60_000


async def test_many_counts_are_added_at_once(store: RemoteStore, other_store: RemoteStore) -> None:
    await other_store.add("v1:b", 10, 60)

    totals = await store.add_all({"v1:a": 1, "v1:b": 2}, 60)

    assert totals == {"v1:a": 1, "v1:b": 12}


async def test_adding_to_nothing_is_nothing(store: RemoteStore) -> None:
    assert await store.add_all({}, 60) == {}


@pytest.mark.parametrize("planted", ["z", "z!!", "zAAAA", "zeJwDAAAAAAE=trailing"])
async def test_a_value_that_does_not_unfold_is_a_bad_entry(
    store: RemoteStore, redis_server: RedisServer, planted: str
) -> None:
    redis_server.ask("SET", "v1:key", planted)

    with pytest.raises(BadEntry):
        await store.get("v1:key")


async def test_a_value_of_another_type_is_a_bad_entry(
    store: RemoteStore, redis_server: RedisServer
) -> None:
    redis_server.ask("RPUSH", "v1:key", "a list")

    with pytest.raises(BadEntry):
        await store.get("v1:key")


@pytest.mark.parametrize("planted", [("SET", "v1:key", "many"), ("RPUSH", "v1:key", "a list")])
async def test_a_count_that_is_no_number_is_a_bad_entry(
    store: RemoteStore, redis_server: RedisServer, planted: tuple[str, ...]
) -> None:
    redis_server.ask(*planted)

    with pytest.raises(BadEntry):
        await store.add("v1:key", 1, 60)


@pytest.mark.parametrize("store", ["upstash"], indirect=True)
async def test_each_call_is_one_request(store: RemoteStore, rest: UpstashRest) -> None:
    await store.claim("v1:claim", 60, "v1:value")
    await store.settle("v1:value", b"1", 60, "v1:claim")
    await store.add_all({"v1:a": 1, "v1:b": 2}, 60)

    assert [path for path, _ in rest.requests] == ["/pipeline", "/pipeline", "/"]


@pytest.mark.parametrize("store", ["upstash"], indirect=True)
async def test_the_sdk_does_not_tell_on_its_host(store: RemoteStore, rest: UpstashRest) -> None:
    await store.get("v1:key")

    _, headers = rest.requests[0]
    assert not [name for name in headers if "telemetry" in name]
