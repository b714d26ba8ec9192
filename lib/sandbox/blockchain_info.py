"""Blockchain.com's explorer. https://www.blockchain.com/explorer/api"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.sandbox.chains import Chains, Payment
from lib.sandbox.world import Row, World, reply


def routes(world: World) -> list[Route]:
    """Its paths."""
    rest = _Rest(world)
    return [Route("/latestblock", rest.latest), Route("/rawblock/{hash}", rest.block)]


class _Rest:
    def __init__(self, world: World) -> None:
        self.chains = Chains(world)

    async def latest(self, _: Request) -> Response:
        number = self.chains.height("bitcoin")
        return reply(
            {
                "hash": self.chains.block_hash("bitcoin", number),
                "time": self.chains.time_s("bitcoin", number),
                "block_index": number,
                "height": number,
                "txIndexes": [],
            }
        )

    async def block(self, request: Request) -> Response:
        newest = self.chains.height("bitcoin")
        wanted = request.path_params["hash"]
        for number in range(newest, newest - 10, -1):
            if self.chains.block_hash("bitcoin", number) == wanted:
                return reply(self._block(number))
        return reply({"error": "not-found-or-invalid-arg", "message": "Item not found"}, 404)

    def _block(self, number: int) -> Row:
        new = {"value": 312_500_000, "addr": self.chains.party("bitcoin", f"miner|{number % 7}")}
        mined = {
            "hash": self.chains.digits(f"mined|{number}", 64),
            "fee": 0,
            "inputs": [{"index": 0, "prev_out": None}],
            "out": [new, {"value": 0, "script": "6a24"}],
        }
        payments = self.chains.payments("bitcoin", number)
        return {
            "hash": self.chains.block_hash("bitcoin", number),
            "prev_block": self.chains.block_hash("bitcoin", number - 1),
            "time": self.chains.time_s("bitcoin", number),
            "height": number,
            "main_chain": True,
            "n_tx": 1 + len(payments),
            "tx": [mined, *(self._payment(number, pay) for pay in payments)],
        }

    def _payment(self, number: int, pay: Payment) -> Row:
        paid, back = pay.units, pay.units // 3
        change = (
            pay.sender if pay.place % 3 == 0 else self.chains.party("bitcoin", f"{number}|{pay}")
        )
        rest = self.chains.digits(f"tx|btc|{number}|{pay.place}", 44)
        return {
            "hash": f"{number:016x}{pay.place:04x}{rest}",
            "fee": 12_000,
            "inputs": [{"prev_out": {"addr": pay.sender, "value": paid + back + 12_000}}],
            "out": [{"addr": pay.recipient, "value": paid}, {"addr": change, "value": back}],
        }
