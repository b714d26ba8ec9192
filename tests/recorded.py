"""An upstream that answers with recorded payloads, each provider under its own name."""

import json
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.conftest import Corpus

FILES: Mapping[str, str | Mapping[str, str]] = {
    "binance/api/v3/ticker/24hr": "binance/ticker24hr_all_symbols",
    "binance/api/v3/exchangeInfo": "binance/exchangeInfo_full",
    "binance/api/v3/klines": {
        "BTCUSDT": "binance/klines_BTCUSDT_1d_page1",
        "ETHUSDT": "binance/klines_ETHUSDT_1d_page1",
        "TONUSDT": "binance/klines_TONUSDT_1d_short",
    },
    "binance/api/v3/depth": {
        "BLZETH": "binance/depth_BLZETH",
        "NKNUSDT": "binance/depth_NKNUSDT",
        "BTCUSDC": "binance/depth_vcr",
    },
    "binance/api/v3/trades": {"BTCUSDC": "binance/trades"},
    "kucoin/api/v1/market/allTickers": "kucoin/allTickers",
    "kucoin/api/v2/symbols": "kucoin/symbols_full",
    "kucoin/api/v1/market/orderbook/level2_100": {
        "ANKR-BTC": "kucoin/orderbook_level2_ANKR-BTC",
        "SNX-BTC": "kucoin/orderbook_level2_SNX-BTC",
    },
    "kucoin/api/v1/market/histories": {"BTC-USDT": "kucoin/sdk2024_trade_histories"},
    "okx/api/v5/public/instruments": "okx/instruments_spot",
    "kraken/0/public/Ticker": "kraken/ticker",
    "kraken/0/public/AssetPairs": "kraken/assetPairs",
    "kraken/0/public/Depth": {"BCHEUR": "kraken/depth"},
    "kraken/0/public/Trades": {"BCHEUR": "kraken/trades"},
    "coinbase/products/BTC-USD/ticker": "coinbase/ticker",
    "coinbase/products/BTC-USD/book": "coinbase/book",
    "coingecko/coins/markets": "coingecko/coins_markets_top100_sparkline_2026",
    "coingecko/coins/list": "coingecko/coins_list",
    "coingecko/global": "coingecko/global",
    "coingecko/global/decentralized_finance_defi": "coingecko/global_defi",
    "coinmarketcap/public-api/v3/cryptocurrency/listings/latest": (
        "coinmarketcap/listings_latest_2021_100"
    ),
    "coinmarketcap/public-api/v1/global-metrics/quotes/latest": (
        "coinmarketcap/global_metrics_latest_2025"
    ),
}
"""What is served where; by the `symbol` or `pair` parameter where the answer depends on it."""

UNKNOWN: Mapping[str, tuple[int, Any]] = {
    "binance": (400, {"code": -1121, "msg": "Invalid symbol."}),
    "kucoin": (200, {"code": "900001", "msg": "symbol not exists"}),
    "okx": (200, {"code": "51001", "msg": "Instrument ID does not exist", "data": []}),
    "kraken": (200, {"error": ["EQuery:Unknown asset pair"]}),
    "coinbase": (404, {"message": "NotFound"}),
    "coingecko": (404, {"error": "coin not found"}),
    "coinmarketcap": (400, {"status": {"error_code": 400, "error_message": "Invalid value"}}),
    "coinpaprika": (404, {"error": "id not found"}),
}


class RecordedUpstream:
    """Serves the corpus on loopback between `with` and its end; `calls` counts by path."""

    def __init__(self, corpus: Corpus) -> None:
        self.calls: Counter[str] = Counter()
        self._corpus = corpus
        app = Starlette(routes=[Route("/{path:path}", self._answer)])
        config = uvicorn.Config(
            app, host="127.0.0.1", port=0, log_level="error", lifespan="off", access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    async def _answer(self, request: Request) -> Response:
        path = request.path_params["path"].replace("coingecko/api/v3/", "coingecko/")
        self.calls[path] += 1
        file = FILES.get(path)
        if isinstance(file, Mapping):
            asked = request.query_params.get("symbol") or request.query_params.get("pair") or ""
            file = file.get(asked)
        if path == "coingecko/coins/markets" and request.query_params.get("page", "1") != "1":
            return Response(b"[]", media_type="application/json")
        if file is None:
            status, body = UNKNOWN[path.split("/")[0]]
            return Response(json.dumps(body), status, media_type="application/json")
        return Response(self._corpus.body(file), media_type="application/json")

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            self._thread.join(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(5)

    @property
    def root(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def settings(self, dead: tuple[str, ...] = ()) -> dict[str, str]:
        """Environment that points every provider here, and the dead ones at a closed port."""
        closed = "http://127.0.0.1:9"
        return {
            f"{name.upper()}_BASE_URL": closed if name in dead else f"{self.root}/{name}"
            for name in UNKNOWN
        }
