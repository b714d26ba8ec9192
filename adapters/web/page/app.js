// The page: who asks for what, and when. In all well under the hundred questions a minute of one address.

import { keep, named } from "./address.js";
import { ask, repeat } from "./ask.js";
import { Chart } from "./chart.js";
import { forecast, foretold, record, unforetold } from "./forecast.js";
import { Prices } from "./live.js";
import { Market } from "./market.js";
import { Panel } from "./panel.js";
import { mood, news, whales } from "./panels.js";
import { search } from "./search.js";
import { sources } from "./sources.js";
import { retell } from "./words.js";

const ROWS = 20;
const SPARKS = 20;
const THEMES = ["auto", "light", "dark"];
const WAYS = {
  socket: "live · websocket",
  events: "live · server-sent events",
  polling: "polling every 10 s",
  none: "connecting …",
  lost: "connection lost · trying again …",
};

const panels = Object.fromEntries(["market", "forecast", "mood", "whales", "news", "sources"].map((id) => [id, new Panel(id)]));
const market = new Market(choose);
const chart = new Chart();
const prices = new Prices(told, way);
const buttons = [...document.querySelectorAll("#timeframes button")];
let coins = [];
let live = "none";

function told(pair, ticker, source) {
  const symbol = pair.split("/")[0];
  market.tick(symbol, ticker, source);
  if (symbol === chart.symbol.split("/")[0]) chart.tick(ticker, source);
}

function way(word) {
  live = word;
  showLink();
  if (word === "polling") askMarket();
}

// Prices that nobody renews are told from those that are.
function showLink() {
  const link = document.getElementById("link");
  link.dataset.way = live === "polling" && panels.market.failed ? "lost" : live;
  link.textContent = WAYS[link.dataset.way];
  document.body.classList.toggle("lost", link.dataset.way === "lost");
}

function watch() {
  const rows = [...document.querySelectorAll("#rows tr[data-symbol]")].map((row) => row.dataset.symbol);
  prices.watch([...new Set([...rows, ...(chart.shows ? [chart.symbol] : [])])]);
}

async function showMarket() {
  const reply = await panels.market.ask(`api/market?limit=${ROWS}`, () => null);
  showLink();
  if (!reply) {
    // before the first rows there is one cell to say it in
    document.querySelector("#rows td[colspan]")?.replaceChildren("Not available for now; asking again.");
    return null;
  }
  const { as_of: at = reply.timestamp, source, missing } = reply.meta ?? {};
  market.show(reply.items, { at, source, missing });
  market.select(chart.symbol);
  watch();
  if (live === "polling") {
    const shown = reply.items.find((item) => item.symbol === chart.symbol);
    if (shown) chart.tick({ price: shown.price, change_24h: shown.change_24h, timestamp: at }, source);
  }
  return reply;
}

async function showSparks() {
  const symbols = [...document.querySelectorAll("#rows tr[data-symbol]")].slice(0, SPARKS).map((row) => row.dataset.symbol);
  if (symbols.length === 0) return;
  const reply = await ask(`api/ohlcv/multi?symbols=${symbols.join(",")}&timeframe=1h&limit=25`);
  for (const symbol of symbols) {
    market.spark(symbol, reply.data.filter((bar) => bar.symbol.split("/")[0] === symbol).map((bar) => bar.c), reply.meta?.source);
  }
}

async function showForecast() {
  const { symbol, timeframe } = chart;
  const shown = `${symbol} ${timeframe}`;
  const given = () => shown === `${chart.symbol} ${chart.timeframe}`;
  const none = unforetold(timeframe);
  if (none) {
    panels.forecast.unavailable(none);
    return undefined;
  }
  try {
    const [wide, near, signal] = await forecast(symbol, timeframe);
    if (!given()) return undefined;
    panels.forecast.show(wide, foretold(wide, near, signal));
    chart.fan(wide, near);
    return wide;
  } catch (error) {
    if (given()) panels.forecast.fail(error.message);
    return null;
  }
}

// Something else is charted: what stood belongs to another chart.
async function showChart() {
  panels.forecast.unavailable("loading …");
  const shown = await chart.load();
  if (shown === null) return;
  watch();
  if (shown) await showForecast();
  else panels.forecast.unavailable("No forecast without candles.");
}

function choose(symbol) {
  chart.symbol = symbol;
  market.select(symbol);
  keep(symbol, chart.timeframe);
  showChart();
}

function press(timeframe) {
  chart.timeframe = timeframe;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === timeframe));
}

function timeframes() {
  const known = buttons.map((button) => button.textContent);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      press(button.textContent);
      choose(chart.symbol);
    });
  }
  const follow = () => {
    const [symbol, timeframe] = named(known) ?? [];
    if (!symbol) return false;
    chart.symbol = symbol;
    press(timeframe);
    return true;
  };
  follow();
  addEventListener("hashchange", () => follow() && choose(chart.symbol));
}

function themes() {
  const button = document.getElementById("theme");
  const root = document.documentElement;
  const name = () => root.dataset.theme ?? "auto";
  const label = () => (button.textContent = `Theme: ${name()}`);
  label();
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(name()) + 1) % THEMES.length];
    if (next === "auto") delete root.dataset.theme;
    else root.dataset.theme = next;
    try {
      localStorage.setItem("theme", next);
    } catch {
      // a frame without storage: chosen for this visit only
    }
    label();
    chart.paint();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.paint());
}

async function allCoins() {
  const reply = await ask("api/market?limit=250").catch(() => ask("api/market?limit=100"));
  coins = reply.items;
}

themes();
timeframes();
search(() => coins, choose);
const askMarket = repeat(() => (live === "socket" || live === "events" ? 60 : 10), showMarket);
const started = chart.start();
started.then(() => {
  repeat(() => 60, async () => ((await chart.load()) === false ? null : undefined));
  repeat(() => 120, showForecast);
  setTimeout(() => repeat(() => 300, () => record(document.getElementById("record"))), 2000); // with the first forecasts in it
});
repeat(() => 20, () => panels.sources.ask("api/providers", sources));
repeat(() => 600, () => panels.mood.ask("api/sentiment/global", mood));
repeat(() => 300, () => panels.news.ask("api/news/latest?limit=20", news));
repeat(() => 60, () => panels.whales.ask("api/blockchain/whale-alerts?limit=20", whales));
setTimeout(() => allCoins().catch(console.warn), 500);
setTimeout(() => repeat(() => 300, showSparks), 1500);
setInterval(() => {
  for (const panel of Object.values(panels)) panel.tell();
  chart.tell();
  retell();
}, 5000);
