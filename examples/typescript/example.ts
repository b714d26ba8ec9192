/** Prices, candles and a refusal: `node build/example.js https://your-space.hf.space` */
import { Dreammaker, Refusal, type Candle } from "./client.js";

declare const process: { argv: string[] };

const service = new Dreammaker(process.argv[2] ?? "http://127.0.0.1:7860");

const price = await service.get("/api/price/{symbol}", { symbol: "BTC", convert: "eur" });
console.log(`${price.symbol} is at ${price.price} euros, says ${price.meta?.source}`);

const market = await service.get("/api/market", { limit: 3, sort: "volume" });
for (const coin of market.items) {
  // a value that nobody knows is null, and meta.missing says why
  console.log(coin.symbol, coin.price ?? "no price", coin.change_24h?.toFixed(2) ?? "no change");
}

const chart = await service.get("/api/ohlcv", { symbol: "ETH/USDT", timeframe: "1h", limit: 24 });
const closed: Candle[] = chart.data.filter((bar) => bar.closed);
console.log(`${closed.length} closed bars of ${chart.symbol}, the last at ${closed.at(-1)?.c}`);

try {
  await service.get("/api/ticker/{symbol}", { symbol: "NOSUCHCOIN" });
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  console.log(`refused: ${error.status} ${error.code}: ${error.message}`);
}
