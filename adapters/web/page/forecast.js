// What the model expects, how sure it is, and how its earlier forecasts came out.

import { ask } from "./ask.js";
import { DASH, ago, make, meter, price, share } from "./words.js";

const FORETOLD = ["1h", "4h", "1d"];
const NEAR = 0.5;

// Why there is no forecast of such candles; nothing where there is one.
export function unforetold(timeframe) {
  return FORETOLD.includes(timeframe) ? "" : `Forecasts are made for ${FORETOLD.join(", ")} candles, not for ${timeframe}.`;
}

// What is foretold of what is charted: [the wide forecast, the near one, the signal], the latter two
// null if they cannot be had.
export async function forecast(symbol, timeframe) {
  const question = { symbol, timeframe, horizon: 24 };
  const near = ask("api/ai/predict", { ...question, interval: NEAR }).catch(() => null);
  const signals = ask(`api/ai/signals?symbol=${encodeURIComponent(symbol)}&timeframe=${timeframe}`).catch(() => null);
  return [await ask("api/ai/predict", question), await near, (await signals)?.signals[0] ?? null];
}

export function foretold(wide, near, signal) {
  const last = wide.predictions.at(-1);
  const fact = (term, value, className = "") => make("div", "", make("dt", "", term), make("dd", className, ...[value].flat()));
  const facts = make("dl", "facts",
    fact("Forecast of", `${wide.symbol} · ${wide.horizon} × ${wide.timeframe}`),
    fact("Direction", wide.direction, { bullish: "up", bearish: "down" }[wide.direction] ?? ""),
    fact("Chance of a rise", Number.isFinite(wide.probability_up) ? [meter(wide.probability_up), share(wide.probability_up)] : DASH),
    fact("Median at its end", price(last.price)),
    fact(`${share(wide.interval)} interval`, `${price(last.lower_bound)} … ${price(last.upper_bound)}`),
    fact("Model", wide.model),
    ...(signal ? traded(signal, fact) : []));
  const bands = near ? `${share(near.interval)} and ${share(wide.interval)}` : share(wide.interval);
  const notes = [`The fan: median and ${bands} intervals. A model's estimate, not advice.`, signal?.reason && `Hold: ${signal.reason}`, wide.fallback_reason, ...(wide.notes ?? [])];
  return [facts, ...notes.filter(Boolean).map((note) => make("p", "quiet", note))];
}

function traded(signal, fact) {
  const way = { buy: "up", sell: "down" }[signal.type] ?? "";
  const facts = [fact("Signal", make("span", `tag ${way}`, signal.type))];
  if (signal.type === "hold") return facts;
  return [...facts,
    fact("Target · stop", `${price(signal.target_price)} · ${price(signal.stop_loss)}`),
    fact("Target before stop", [meter(signal.confidence), share(signal.confidence)])];
}

export async function record(place) {
  let told;
  try {
    told = await ask("api/ai/performance");
  } catch (error) {
    place.replaceChildren(make("p", "quiet", `Not available: ${error.message}`));
    return;
  }
  if (!told.recording) {
    place.replaceChildren(make("p", "quiet", `Not recorded: ${told.reason ?? "no ledger"}`));
    return;
  }
  const sum = `${told.recorded} forecasts recorded in the last ${told.days} days, ${told.scored} of them due and scored`;
  const first = told.since ? ["; the first was made ", ago(Date.parse(told.since))] : [];
  const lines = [make("p", "quiet", sum, ...first, ".")];
  if (told.forecasts.length > 0) lines.push(scores(told.forecasts));
  else lines.push(make("p", "quiet", "No forecast has come due yet, so there is no figure to show."));
  place.replaceChildren(...lines);
}

const COLUMNS = [
  ["Bars", (row) => `${row.horizon} × ${row.timeframe}`, "horizon and time frame"],
  ["Scored", (row) => String(row.n), "forecasts that came due"],
  ["In 80 %", (row) => share(row.coverage_80), "share of prices inside the 80 % interval; 80 % is right"],
  ["Right way", (row) => share(row.hit_rate), "share of directions that came true"],
  ["CRPS", (row) => (Number.isFinite(row.crps_ratio) ? row.crps_ratio.toFixed(3) : DASH), "error against a random walk's; below 1 is better"],
];

function scores(rows) {
  const head = COLUMNS.map(([name, , title]) => {
    const cell = make("th", "", name);
    cell.scope = "col";
    cell.title = title;
    return cell;
  });
  const lines = rows.map((row) => make("tr", "", ...COLUMNS.map(([, value]) => make("td", "", value(row)))));
  return make("table", "scores", make("thead", "", make("tr", "", ...head)), make("tbody", "", ...lines));
}
