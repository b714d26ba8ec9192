"""Etherscan, and who answers like it: Routescan and Blockscout.
https://docs.etherscan.io/api-reference/endpoint/txlist"""

from collections.abc import Callable, Iterator
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.chain import COINS, EVM_CHAINS
from lib.sandbox.assets import BY_SYMBOL
from lib.sandbox.chains import ACTIVE_S, Chains
from lib.sandbox.noise import draws
from lib.sandbox.world import Row, World, integer, reply

_BY_ID: Final = {network.chain_id: name for name, network in EVM_CHAINS.items()}
_HEX: Final = frozenset("0123456789abcdef")


def etherscan_routes(world: World) -> list[Route]:
    """Etherscan's one path; the chain is a parameter."""
    return [Route("/v2/api", _Rest(world, "chainid", keyed=True).account)]


def routescan_routes(world: World) -> list[Route]:
    """Routescan's path; the chain is a part of it."""
    path = "/v2/network/mainnet/evm/{chainid}/etherscan/api"
    return [Route(path, _Rest(world, "chainid", keyed=False).account)]


def blockscout_routes(world: World) -> list[Route]:
    """Blockscout's path; the chain is a parameter."""
    return [Route("/v2/api", _Rest(world, "chain_id", keyed=True).account)]


class _Rest:
    def __init__(self, world: World, chain_name: str, *, keyed: bool) -> None:
        self.world = world
        self.chains = Chains(world)
        self.chain_name = chain_name
        self.keyed = keyed

    async def account(self, request: Request) -> Response:
        query = request.query_params
        wire_id = request.path_params.get(self.chain_name) or query.get(self.chain_name, "")
        if self.keyed and not query.get("apikey"):
            return _refuse("Missing/Invalid API Key")
        chain = _BY_ID.get(int(wire_id)) if wire_id.isdecimal() else None
        if chain is None:
            return _refuse("Missing or unsupported chainid parameter")
        address = query.get("address", "").lower()
        if len(address) != 42 or address[:2] != "0x" or not _HEX.issuperset(address[2:]):
            return _refuse("Error! Invalid address format")
        lists: dict[str, Callable[[str, str, int], Iterator[Row]]] = {
            "txlist": self._calls, "tokentx": self._tokens, "txlistinternal": self._internal,
        }  # fmt: skip
        make = lists.get(query.get("action", ""))
        if make is None:
            return _refuse("Error! Missing Or invalid Action name")
        most = min(1000, integer(request, "offset", 1000))
        rows = [] if address.endswith("0") else list(make(chain, address, most))
        if not rows:
            return reply({"status": "0", "message": "No transactions found", "result": []})
        return reply({"status": "1", "message": "OK", "result": rows})

    def _calls(self, chain: str, address: str, most: int) -> Iterator[Row]:
        for deed in self.chains.history(None, most):
            token = deed % 3 == 0
            failed = deed % 11 == 0
            value, _, other, sends = self._deed(chain, address, deed)
            to = next(iter(EVM_CHAINS[chain].tokens)) if token and not failed else other
            yield self._row(chain, address, deed) | {
                "from": address if sends or token else other,
                "to": to if sends or token else address,
                "value": "0" if token else str(value),
                "isError": "1" if failed else "0",
                "txreceipt_status": "0" if failed else "1",
                "input": "0xa9059cbb" if token else "0x",
                "contractAddress": "",
                "methodId": "0xa9059cbb" if token else "0x",
                "functionName": "transfer(address to, uint256 value)" if token else "",
            }

    def _tokens(self, chain: str, address: str, most: int) -> Iterator[Row]:
        contracts = list(EVM_CHAINS[chain].tokens.items())
        for deed in self.chains.history(None, 3 * most):
            if deed % 3 or deed % 11 == 0:
                continue
            contract, token = contracts[deed % len(contracts)]
            _, draw, other, sends = self._deed(chain, address, deed)
            yield self._row(chain, address, deed) | {
                "from": address if sends else other,
                "to": other if sends else address,
                "value": str((draw + 1) * 10 ** max(0, token.decimals - 2)),
                "contractAddress": contract,
                "tokenName": token.symbol,
                "tokenSymbol": token.symbol,
                "tokenDecimal": str(token.decimals),
                "input": "deprecated",
            }

    def _internal(self, chain: str, address: str, most: int) -> Iterator[Row]:
        for deed in self.chains.history(None, 7 * most):
            if deed % 7:
                continue
            value, _, other, _ = self._deed(chain, address, deed)
            row = self._row(chain, address, deed)
            yield {name: row[name] for name in ("blockNumber", "timeStamp", "hash")} | {
                "from": other,
                "to": address,
                "value": str(value // 2),
                "contractAddress": "",
                "input": "",
                "type": "call",
                "gas": "2300",
                "gasUsed": "0",
                "traceId": "0",
                "isError": "0",
                "errCode": "",
            }

    def _deed(self, chain: str, address: str, deed: int) -> tuple[int, int, str, bool]:
        """How much, a draw, with whom, and whether the address sends."""
        much, way = draws(f"{self.world.market.seed}|{chain}|{address}|{deed}", 2)
        return (
            (much + 1) * 10**15,
            much,
            self.chains.party(chain, f"{address}|{deed}"),
            way % 2 == 0,
        )

    def _row(self, chain: str, address: str, deed: int) -> Row:
        at_s = deed * ACTIVE_S + deed % 3600
        price = round(5e9 / self.world.price(BY_SYMBOL[COINS[chain]], at_s) * 100)
        return {
            "blockNumber": str(at_s // 12),
            "timeStamp": str(at_s),
            "hash": "0x" + self.chains.digits(f"{chain}|{address}|{deed}", 64),
            "nonce": str(deed),
            "blockHash": "0x" + self.chains.block_hash(chain, at_s // 12),
            "transactionIndex": "1",
            "gas": "65000",
            "gasPrice": str(price),
            "gasUsed": str(21_000 + 41_000 * (deed % 3 == 0)),
            "cumulativeGasUsed": "1000000",
            "confirmations": str((self.world.now_s() - at_s) // 12),
        }


def _refuse(reason: str) -> Response:
    return reply({"status": "0", "message": "NOTOK", "result": reason})
