"""Which coding a caller gets, and that it is made once."""

from typing import Any

import pytest

from adapters.front_door import best_coding
from adapters.rendering import ENCODERS
from tests.adapters.front_door.probe import MARKET
from tests.house import House


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (b"gzip", "gzip"),
        (b"br", "br"),
        (b"zstd", "zstd"),
        (b"gzip, deflate, br, zstd", "zstd"),
        (b"gzip, deflate, br", "br"),
        (b"GZIP", "gzip"),
        (b"*", "zstd"),
        (b"*;q=0.5, zstd;q=0", "br"),
        (b"gzip;q=1.0, br;q=0.5", "gzip"),
        (b"gzip ; q=0.2 , br ; q=0.8", "br"),
        (b"zstd;q=0, br;q=0.0, gzip;q=0.001", "gzip"),
        (b"identity;q=0, gzip", "gzip"),
        (b"gzip;q=0.5, identity", None),
        (b"identity", None),
        (b"", None),
        (b"gzip;q=0", None),
        (b"*;q=0", None),
        (b"deflate, compress, sdch", None),
        (b"gzip;q=nonsense", "gzip"),
        (b",;,=;q", None),
    ],
)
def test_the_coding_that_is_liked_best(accepted: bytes, chosen: str | None) -> None:
    assert best_coding(accepted) == chosen


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip"])
async def test_a_compressed_body_is_the_same_body(house: House, coding: str) -> None:
    plain = await house.get(MARKET)

    packed = await house.get(MARKET, accept_encoding=coding)

    assert packed.headers["content-encoding"] == coding
    assert int(packed.headers["content-length"]) == len(packed.body) < len(plain.body)
    assert packed.plain == plain.body
    assert packed.headers["etag"] == plain.headers["etag"]


async def test_a_small_body_stays_plain(house: House) -> None:
    answer = await house.get("/health/live", accept_encoding="gzip, br, zstd")

    assert "content-encoding" not in answer.headers


async def test_each_coding_is_made_once_a_value(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    for coding, encoder in list(ENCODERS.items()):

        def spy(body: bytes, coding: str = coding, encoder: Any = encoder) -> bytes:
            made.append(coding)
            return bytes(encoder(body))

        monkeypatch.setitem(ENCODERS, coding, spy)

    for target in (MARKET, MARKET, f"{MARKET}&utm=1"):
        for coding in ("gzip", "br", "zstd"):
            await house.get(target, accept_encoding=coding)

    assert sorted(made) == ["br", "gzip", "zstd"]
