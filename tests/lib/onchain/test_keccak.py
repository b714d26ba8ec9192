"""The hash behind Ethereum's addresses."""

import pytest

from lib.onchain.keccak import keccak256


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        # the empty message and "abc": test vectors of the Keccak team
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        # the topic of every ERC-20 transfer
        (
            b"Transfer(address,address,uint256)",
            "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
        ),
    ],
)
def test_published_digests_come_out(message: bytes, digest: str) -> None:
    assert keccak256(message).hex() == digest


def test_it_is_not_the_standards_sha3() -> None:
    import hashlib

    assert keccak256(b"") != hashlib.sha3_256(b"").digest()


@pytest.mark.parametrize("length", [134, 135, 136, 137, 271, 272, 273])
def test_lengths_around_a_block_differ_from_each_other(length: int) -> None:
    digests = {keccak256(b"\x00" * n) for n in (length - 1, length, length + 1)}

    assert len(digests) == 3
