"""Keccak-256, the hash behind Ethereum's address checksums.

Not SHA3-256 of the standard library: the standard changed one padding byte after Ethereum had
chosen. Written out here, since one hash of 40 bytes a request (0.6 ms) is not worth a compiled
package in every Lambda layer.
"""

from struct import pack, unpack
from typing import Final

_RATE: Final = 136  # bytes absorbed a round, for 256 bits of output
_MASK: Final = (1 << 64) - 1


def keccak256(message: bytes) -> bytes:
    """32 bytes of hash, with the padding of the original Keccak submission."""
    padded = bytearray(message) + b"\x01" + bytes(-(len(message) + 1) % _RATE)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for at, word in enumerate(unpack("<17Q", padded[start : start + _RATE])):
            lanes[at] ^= word
        for constant in _ROUND_CONSTANTS:
            lanes = _round(lanes, constant)
    return pack("<4Q", *lanes[:4])


def _round(a: list[int], constant: int) -> list[int]:
    """One round over 25 lanes, lane (x, y) at x + 5y: theta, rho and pi, chi, iota."""
    c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
    d = [c[x - 1] ^ _turn(c[(x + 1) % 5], 1) for x in range(5)]
    moved = [0] * 25
    for at, (turns, goes_to) in enumerate(_MOVES):
        moved[goes_to] = _turn(a[at] ^ d[at % 5], turns)
    mixed = [
        moved[5 * y + x] ^ (~moved[5 * y + (x + 1) % 5] & moved[5 * y + (x + 2) % 5])
        for y in range(5)
        for x in range(5)
    ]
    mixed[0] ^= constant
    return mixed


def _turn(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _MASK


def _moves() -> tuple[tuple[int, int], ...]:
    """By how much a lane turns (rho) and where it goes (pi)."""
    turns = {(0, 0): 0}
    x, y = 1, 0
    for step in range(24):
        turns[x, y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    return tuple(
        (turns[at % 5, at // 5], at // 5 + 5 * ((2 * (at % 5) + 3 * (at // 5)) % 5))
        for at in range(25)
    )


def _round_constants() -> tuple[int, ...]:
    """Bits of a linear feedback shift register, placed at 2^j - 1."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << ((1 << j) - 1)
            register <<= 1
            if register & 0x100:
                register ^= 0x171
        constants.append(constant)
    return tuple(constants)


_MOVES: Final = _moves()
_ROUND_CONSTANTS: Final = _round_constants()
