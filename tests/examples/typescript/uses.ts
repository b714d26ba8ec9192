import { Dreammaker, type Parameters, type ReplyOf } from "./client.js";

const service = new Dreammaker("http://127.0.0.1:1");

export async function right(): Promise<number | null | undefined> {
  await service.get("/api/stats");
  await service.get("/api/market");
  await service.post("/api/sentiment/analyze", { text: "up" });
  const rows: ReplyOf<"/api/market/history"> = await service.get("/api/market/history", {
    symbol: "BTC",
  });
  const asked: Parameters<"/api/price/{symbol}"> = { symbol: "BTC" };
  const price = await service.get("/api/price/{symbol}", asked);
  return rows[0]?.close ?? price.high_24h;
}

export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such path
  await service.get("/api/nothing");
  // @ts-expect-error the symbol is required
  await service.get("/api/price/{symbol}");
  // @ts-expect-error the symbol is required
  await service.get("/api/ohlcv", { timeframe: "1h" });
  // @ts-expect-error there is no such time frame
  await service.get("/api/ohlcv", { symbol: "BTC", timeframe: "7h" });
  // @ts-expect-error a limit is a number
  await service.get("/api/market", { limit: "many" });
  // @ts-expect-error this path takes no POST
  await service.post("/api/market", {});
  const price = await service.get("/api/price/{symbol}", { symbol: "BTC" });
  // @ts-expect-error a change may be unknown
  price.change_24h.toFixed(2);
}
