"""The sandbox's chains: blocks and histories as functions of (seed, chain, number)."""

from dataclasses import dataclass
from hashlib import shake_128
from typing import Final, NamedTuple

from lib.chain import COINS, EVM_CHAINS
from lib.sandbox.assets import BY_SYMBOL
from lib.sandbox.noise import draws
from lib.sandbox.world import World

PERIOD_S: Final = {"ethereum": 12, "bsc": 1, "polygon": 2, "bitcoin": 600}
"""From block to block; a block is known once it is over."""

ACTIVE_S: Final = 6 * 3600
"""An address does something once in so long."""

FIRST_ACTIVE_S: Final = 1_700_000_000

_PAYMENTS: Final = 12  # in a block


class Payment(NamedTuple):
    """An amount in smallest units that went from one party to another; `token` is a contract."""

    place: int
    sender: str
    recipient: str
    units: int
    token: str | None


@dataclass(frozen=True, slots=True)
class Chains:
    """What happened on the chains."""

    world: World

    def height(self, chain: str) -> int:
        """The number of the newest block."""
        return self.world.now_s() // PERIOD_S[chain] - 1

    def block_hash(self, chain: str, number: int) -> str:
        """64 hex digits."""
        return self.digits(f"block|{chain}|{number}", 64)

    def time_s(self, chain: str, number: int) -> int:
        """When a block was made."""
        return (number + 1) * PERIOD_S[chain]

    def payments(self, chain: str, number: int) -> list[Payment]:
        """The payments of a block: coins first, then tokens, one in four of them large."""
        at_s = self.time_s(chain, number)
        own = draws(f"{self.world.market.seed}|{chain}|pay|{number}", 4 * _PAYMENTS)
        contracts = list(EVM_CHAINS[chain].tokens) if chain in EVM_CHAINS else []
        made = []
        for place in range(_PAYMENTS):
            much, who, whom, what = own[4 * place : 4 * place + 4]
            in_tokens = contracts and place >= _PAYMENTS // 2
            token = contracts[what % len(contracts)] if in_tokens else None
            # usually up to some thousands, at every fourth place one to sixteen million
            dollars = 1e6 * 2 ** (much / 1024) if place % 4 == 0 else 1.0 + much
            made.append(
                Payment(
                    place,
                    self._party(chain, f"{number}|{place}|from", who),
                    self._party(chain, f"{number}|{place}|to", whom),
                    self._units(chain, token, dollars, at_s),
                    token,
                )
            )
        return made

    def party(self, chain: str, words: str) -> str:
        """An address of nobody in particular."""
        if chain == "bitcoin":
            return segwit_address(bytes.fromhex(self.digits(f"party|{words}", 40)))
        return "0x" + self.digits(f"party|{words}", 40)

    def digits(self, words: str, count: int) -> str:
        """So many hex digits, always the same ones for the same words."""
        return shake_128(f"{self.world.market.seed}|{words}".encode()).hexdigest(count // 2)

    def history(self, newest: int | None, count: int) -> range:
        """The numbers of an address's deeds, newest first."""
        last = self.world.now_s() // ACTIVE_S - 1 if newest is None else newest
        first = FIRST_ACTIVE_S // ACTIVE_S
        return range(last, max(first, last - count + 1) - 1, -1)

    def _party(self, chain: str, words: str, draw: int) -> str:
        known = _EXCHANGES["bitcoin" if chain == "bitcoin" else "evm"]
        return known[draw % len(known)] if draw % 3 == 0 else self.party(chain, words)

    def _units(self, chain: str, token: str | None, dollars: float, at_s: int) -> int:
        network = EVM_CHAINS.get(chain)
        decimals = 8
        symbol = COINS[chain]
        if network:
            decimals = network.tokens[token].decimals if token else 18
            symbol = network.tokens[token].priced_as if token else symbol
        micros = round(dollars / self.world.price(BY_SYMBOL[symbol], at_s) * 10**6)
        return micros * int(10 ** (decimals - 6))


def segwit_address(program: bytes) -> str:
    """A `bc1q…` address of 20 bytes (BIP 173)."""
    letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    bits = int.from_bytes(program, "big")
    values = [0, *((bits >> shift) & 31 for shift in range(155, -1, -5))]
    check = 1
    for value in (3, 3, 0, 2, 3, *values, 0, 0, 0, 0, 0, 0):
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    check ^= 1
    values += [(check >> 5 * (5 - place)) & 31 for place in range(6)]
    return "bc1" + "".join(letters[value] for value in values)


_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)

_EXCHANGES: Final = {
    "evm": (
        "0x28c6c06298d514db089934071355e5743bf21d60",  # Binance
        "0xa9d1e08c7793af67e9d92fe308d5697fb81d3e43",  # Coinbase
        "0x2910543af39aba0cd09dbb2d50200b3e800a63d2",  # Kraken
        "0x6cc5f688a315f3dc28a7781717a9a798a59fda7b",  # OKX
    ),
    "bitcoin": (
        "34xp4vRoCGJym3xR7yCVPFHoCNxv4Twseo",  # Binance
        "bc1qgdjqv0av3q56jvd82tkdjpy7gdp9ut8tlqmgrpmv24sq90ecnvqqjwvw97",  # Bitfinex
        "bc1qm34lsc65zpw79lxes69zkqmk6ee3ewf0j77s3h",  # Binance
    ),
}
"""Wallets of exchanges that take part."""
