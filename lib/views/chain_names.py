"""How callers write chains: their names, some short forms, in any case."""

from typing import Annotated, Final

from pydantic import BeforeValidator, Field

from lib.chain import CHAINS, Chain

ACCEPTED: Final = "one of " + ", ".join(CHAINS)

_ALSO: Final = {
    "eth": "ethereum", "bnb": "bsc", "binance-smart-chain": "bsc", "matic": "polygon",
    "pol": "polygon", "btc": "bitcoin",
}  # fmt: skip


def _own_name(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = value.strip().lower()
    return _ALSO.get(text, text)


ChainName = Annotated[Chain, BeforeValidator(_own_name), Field(description=ACCEPTED)]
AnyChain = Annotated[Chain | None, BeforeValidator(_own_name), Field(description=ACCEPTED)]
