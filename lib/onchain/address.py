"""Addresses on chains: whether one can exist, and why not. Nobody is asked."""

import re
from hashlib import sha256
from typing import Final

from lib.chain import EVM_CHAINS, Chain
from lib.errors import InvalidParameter, shown
from lib.onchain.keccak import keccak256

LONGEST: Final = 100

_EVM: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VERSIONS: Final = {0x00, 0x05}
"""Base58 addresses of Bitcoin's main network: pay to a key's hash, pay to a script's hash."""

ACCEPTED: Final = {
    "evm": "0x and 40 hex digits, in one case or with the mixed case of its checksum (EIP-55)",
    "bitcoin": "a Bitcoin address that begins with 1, 3 or bc1 (main network)",
}


def read_address(text: str, chain: str) -> str:
    """The address as sources are asked for it: hex in small letters, bech32 too, base58 as it is.

    Raises:
        InvalidParameter: it is no address of this chain; the message says why.
    """
    fault = evm_fault(text) if chain in EVM_CHAINS else bitcoin_fault(text)
    if fault:
        accepted = ACCEPTED["evm" if chain in EVM_CHAINS else "bitcoin"]
        raise InvalidParameter(
            f"'address' is no {chain} address: {fault}",
            {
                "fields": [
                    {"field": "address", "value": shown(text), "accepted": accepted}
                    | {"reason": fault}
                ]
            },
        )
    return text if chain == "bitcoin" and text[0] in "13" else text.lower()


def chain_of(text: str) -> Chain:
    """The chain that an address is looked for on when none is named: by its form."""
    return "bitcoin" if text[:3].lower() == "bc1" or text[:1] in ("1", "3") else "ethereum"


def checksummed(address: str) -> str:
    """An EVM address in the mixed case that vouches for its digits (EIP-55)."""
    digits = address[2:].lower()
    marks = keccak256(digits.encode()).hex()
    return "0x" + "".join(
        digit.upper() if int(mark, 16) >= 8 else digit
        for digit, mark in zip(digits, marks, strict=False)
    )


def evm_fault(text: str) -> str | None:
    """Why this is no address of an EVM chain; `None` if it is one."""
    if not text.startswith("0x"):
        return "it does not begin with 0x"
    if not _EVM.fullmatch(text):
        digits = len(text) - 2
        if digits != 40:
            return f"it has {digits} characters after 0x where 40 hex digits belong"
        return "there are other characters than hex digits after 0x"
    digits_only = text[2:]
    if digits_only in (digits_only.lower(), digits_only.upper()):
        return None
    right = checksummed(text)
    if text != right:
        return "its mixed case does not match its checksum (EIP-55): a digit is probably wrong"
    return None


def bitcoin_fault(text: str) -> str | None:
    """Why this is no address on Bitcoin's main network; `None` if it is one."""
    if len(text) > LONGEST:
        return "it is too long"
    if text[:3].lower() == "bc1":
        return _bech32_fault(text)
    if text[:1] in ("1", "3"):
        return _base58_fault(text)
    if text[:4].lower() in ("tb1q", "tb1p", "bcrt") or text[:1] in ("m", "n", "2"):
        return "it belongs to a test network"
    return "it begins with none of 1, 3 and bc1"


def _base58_fault(text: str) -> str | None:
    number = 0
    for letter in text:
        at = _BASE58.find(letter)
        if at < 0:
            return f"{shown(letter)!r} is no letter of base58"
        number = number * 58 + at
    zeros = len(text) - len(text.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if len(raw) != 25:
        return "it is not 25 bytes long"
    if sha256(sha256(raw[:-4]).digest()).digest()[:4] != raw[-4:]:
        return "its checksum is wrong: a letter is probably wrong"
    return None if raw[0] in _VERSIONS else "it belongs to another network"


def _bech32_fault(text: str) -> str | None:
    """By BIP 173 (version 0) and BIP 350 (bech32m, versions 1 to 16)."""
    if text not in (text.lower(), text.upper()):
        return "it mixes small and capital letters"
    if not 14 <= len(text) <= 90:
        return "its length is wrong"
    values = [_BECH32.find(letter) for letter in text.lower()[3:]]
    if min(values) < 0:
        return "it holds a letter that bech32 does not use"
    version = values[0]
    if version > 16:
        return "its version is unknown"
    if _polymod([3, 3, 0, 2, 3, *values]) != (1 if version == 0 else 0x2BC830A3):
        return "its checksum is wrong: a letter is probably wrong"
    size, rest = divmod(5 * len(values[1:-6]), 8)
    padding = values[-7] & ((1 << rest) - 1)
    if rest > 4 or padding or not 2 <= size <= 40 or (version == 0 and size not in (20, 32)):
        return "its length is wrong"
    return None


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check


_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
