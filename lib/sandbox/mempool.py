"""mempool.space. https://mempool.space/docs/api/rest"""

from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.onchain.address import bitcoin_fault
from lib.sandbox.chains import ACTIVE_S, Chains, Payment
from lib.sandbox.noise import draws
from lib.sandbox.world import Row, World, reply

_CHAIN: Final = "bitcoin"
_SUBSIDY: Final = 312_500_000
_FEE: Final = 12_000
_PAGE: Final = 25


def routes(world: World) -> list[Route]:
    """Its paths."""
    rest = _Rest(world)
    return [
        Route("/api/v1/blocks", rest.blocks),
        Route("/api/v1/block/{hash}/summary", rest.summary),
        Route("/api/v1/fees/recommended", rest.fees),
        Route("/api/tx/{txid}", rest.transaction),
        Route("/api/address/{address}/txs/chain", rest.history),
        Route("/api/address/{address}/txs/chain/{after}", rest.history),
    ]


class _Rest:
    def __init__(self, world: World) -> None:
        self.world = world
        self.chains = Chains(world)

    async def blocks(self, _: Request) -> Response:
        newest = self.chains.height(_CHAIN)
        return reply([self._block(number) for number in range(newest, newest - 15, -1)])

    async def summary(self, request: Request) -> Response:
        number = self._number(request.path_params["hash"])
        if number is None:
            return PlainTextResponse("Block not found", 404)
        rows = [self._mined(number)]
        rows += [self._payment(number, pay) for pay in self.chains.payments(_CHAIN, number)]
        brief = [
            {
                "txid": row["txid"],
                "fee": row["fee"],
                "vsize": 140,
                "value": sum(coin["value"] for coin in row["vout"]),
                "rate": 12.5,
                "time": row["status"]["block_time"],
            }
            for row in rows
        ]
        return reply(brief)

    async def fees(self, _: Request) -> Response:
        number = self.chains.height(_CHAIN)
        usual = 2 + draws(f"{self.world.market.seed}|fees|{number}", 1)[0] // 256
        body = {"fastestFee": usual + 4, "halfHourFee": usual + 2, "hourFee": usual}
        return reply(body | {"economyFee": 2, "minimumFee": 1})

    async def transaction(self, request: Request) -> Response:
        txid = request.path_params["txid"]
        try:
            number, place = int(txid[:16], 16), int(txid[16:20], 16)
            pay = self.chains.payments(_CHAIN, number)[place]
        except (ValueError, IndexError):
            return PlainTextResponse("Transaction not found", 404)
        if number > self.chains.height(_CHAIN) or self._txid(number, place) != txid:
            return PlainTextResponse("Transaction not found", 404)
        return reply(self._payment(number, pay))

    async def history(self, request: Request) -> Response:
        address = request.path_params["address"]
        if bitcoin_fault(address):
            return PlainTextResponse("Invalid Bitcoin address", 400)
        after = request.path_params.get("after")
        newest = int(after[:16], 16) - 1 if after else None
        if address.endswith("0"):
            return reply([])
        deeds = self.chains.history(newest, _PAGE)
        return reply([self._deed(address, deed) for deed in deeds])

    def _block(self, number: int) -> Row:
        return {
            "id": self.chains.block_hash(_CHAIN, number),
            "height": number,
            "version": 536_870_912,
            "timestamp": self.chains.time_s(_CHAIN, number),
            "tx_count": 1 + len(self.chains.payments(_CHAIN, number)),
            "size": 1_500_000,
            "weight": 3_990_000,
            "previousblockhash": self.chains.block_hash(_CHAIN, number - 1),
        }

    def _number(self, block_hash: str) -> int | None:
        newest = self.chains.height(_CHAIN)
        recent = range(newest, newest - 15, -1)
        hashes = {self.chains.block_hash(_CHAIN, number): number for number in recent}
        return hashes.get(block_hash)

    def _mined(self, number: int) -> Row:
        txid = self.chains.digits(f"mined|{number}", 64)
        miner = self.chains.party(_CHAIN, f"miner|{number % 7}")
        made = [_coin(miner, _SUBSIDY)]
        coinbase = [{"is_coinbase": True, "prevout": None}]
        return {"txid": txid, "fee": 0, "vin": coinbase, "vout": made, "status": self._at(number)}

    def _payment(self, number: int, pay: Payment) -> Row:
        # a third of the change goes back to where it came from, the rest to a fresh address
        change = pay.sender if pay.place % 3 == 0 else self.chains.party(_CHAIN, f"{number}|{pay}")
        rest = pay.units // 3
        paid = [_coin(pay.recipient, pay.units), _coin(change, rest)]
        return {
            "txid": self._txid(number, pay.place),
            "fee": _FEE,
            "vin": [{"is_coinbase": False, "prevout": _coin(pay.sender, pay.units + rest + _FEE)}],
            "vout": paid,
            "status": self._at(number),
        }

    def _deed(self, address: str, deed: int) -> Row:
        much, way = draws(f"{self.world.market.seed}|btc|{address}|{deed}", 2)
        other = self.chains.party(_CHAIN, f"{address}|{deed}")
        payer, payee = (address, other) if way % 2 else (other, address)
        sats = 10_000 * (much + 1)
        number = (deed * ACTIVE_S) // 600
        return {
            "txid": f"{deed:016x}" + self.chains.digits(f"btc|{address}|{deed}", 48),
            "fee": _FEE,
            "vin": [{"is_coinbase": False, "prevout": _coin(payer, 2 * sats + _FEE)}],
            "vout": [_coin(payee, sats), _coin(payer, sats)],
            "status": self._at(number),
        }

    def _at(self, number: int) -> Row:
        return {
            "confirmed": True,
            "block_height": number,
            "block_hash": self.chains.block_hash(_CHAIN, number),
            "block_time": self.chains.time_s(_CHAIN, number),
        }

    def _txid(self, number: int, place: int) -> str:
        """It says where the transaction stands."""
        return f"{number:016x}{place:04x}" + self.chains.digits(f"tx|btc|{number}|{place}", 44)


def _coin(address: str, sats: int) -> Row:
    return {"scriptpubkey_address": address, "scriptpubkey_type": "v0_p2wpkh", "value": sats}
