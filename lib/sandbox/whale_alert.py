"""Whale Alert. https://developer.whale-alert.io/documentation"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from lib.chain import COINS
from lib.sandbox.chains import PERIOD_S, Chains
from lib.sandbox.world import Row, World, integer, reply


def routes(world: World) -> list[Route]:
    """Its path."""
    return [Route("/v1/transactions", _Rest(world).transactions)]


class _Rest:
    def __init__(self, world: World) -> None:
        self.chains = Chains(world)

    async def transactions(self, request: Request) -> Response:
        if not request.headers.get("x-wa-api-key"):
            return reply({"result": "error", "message": "invalid api_key"}, 401)
        newest, since_s = self.chains.height("bitcoin"), integer(request, "start", 0)
        first = max(newest - 5, since_s // PERIOD_S["bitcoin"])
        rows = [row for number in range(first, newest + 1) for row in self._block(number)]
        body = {"result": "success", "cursor": f"{newest:x}", "count": len(rows)}
        return reply(body | ({"transactions": rows} if rows else {}))

    def _block(self, number: int) -> list[Row]:
        return [
            {
                "blockchain": "bitcoin",
                "symbol": COINS["bitcoin"].lower(),
                "id": str(number * 100 + pay.place),
                "transaction_type": "transfer",
                "hash": self.chains.digits(f"whale|{number}|{pay.place}", 64),
                "from": {"address": pay.sender, "owner_type": "unknown"},
                "to": {
                    "address": pay.recipient, "owner": "binance", "owner_type": "exchange",
                },
                "timestamp": self.chains.time_s("bitcoin", number),
                "amount": pay.units / 10**8,
                "transaction_count": 1,
            }
            for pay in self.chains.payments("bitcoin", number)
            if pay.place % 4 == 0
        ]  # fmt: skip
