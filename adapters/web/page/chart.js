// Which candles are shown, the running one kept up with the price, all asked again each minute.

import { ask, dated } from "./ask.js";
import { CanvasChart } from "./canvas.js";
import { PlainChart } from "./plain.js";
import { age, amount, lean, make, percent, price } from "./words.js";

export const TIMEFRAMES = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"];
const LENGTH_MS = { "1m": 6e4, "5m": 3e5, "15m": 9e5, "1h": 36e5, "4h": 144e5, "1d": 864e5, "1w": 6048e5 };
const BARS = 300;

// The library, if the server has it.
function library(url) {
  return new Promise((done) => {
    const script = make("script");
    script.src = url;
    script.onload = () => done(true);
    script.onerror = () => done(false);
    document.head.append(script);
  });
}

export class Chart {
  symbol = "BTC";
  timeframe = "1h";
  #place = document.getElementById("chart");
  #state = document.getElementById("chart-state");
  #legend = document.getElementById("legend");
  #hovered = null;
  #drawn = null;
  #key = "";
  #last = null;
  #reply = null;
  #turn = 0;

  async start() {
    const there = await library("static/lightweight-charts.js");
    document.getElementById("credit").hidden = !there;
    this.#drawn = there ? new CanvasChart(this.#place, (bar) => this.#hover(bar)) : new PlainChart(this.#place);
  }

  paint() {
    this.#drawn?.paint();
  }

  // Ask for the candles of what is chosen; true when they are shown.
  async load() {
    const turn = ++this.#turn;
    const { symbol, timeframe } = this;
    const key = `${symbol} ${timeframe}`;
    if (key !== this.#key) this.#clear(`loading ${symbol} ${timeframe} …`);
    let reply;
    try {
      reply = await ask(`api/ohlcv?symbol=${encodeURIComponent(symbol)}&timeframe=${timeframe}&limit=${BARS}`);
    } catch (error) {
      if (turn === this.#turn) this.#say(`Candles not available: ${error.message}`);
      return false;
    }
    if (turn !== this.#turn || reply.data.length === 0) return false; // something else was chosen meanwhile
    this.#drawn.show(reply.data, key === this.#key);
    this.#key = key;
    this.#last = reply.data.at(-1);
    this.#reply = reply;
    this.#place.dataset.shown = key;
    this.#place.setAttribute("aria-label", `Candlestick chart of ${reply.symbol}, ${timeframe} candles, last price ${price(this.#last.c)}`);
    document.getElementById("chart-title").textContent = reply.symbol;
    document.getElementById("chart-price").textContent = price(this.#last.c);
    this.#hover(null);
    this.tell();
    return true;
  }

  // The candle under the pointer in figures, else the last one.
  #hover(bar) {
    this.#hovered = bar;
    const shown = bar ?? this.#last;
    if (!shown) return this.#legend.replaceChildren();
    const way = lean((shown.c / shown.o - 1) * 100);
    const part = (name, value) => make("span", "", name, " ", make("b", way, value));
    const change = percent((shown.c / shown.o - 1) * 100);
    this.#legend.replaceChildren(
      part("O", price(shown.o)), part("H", price(shown.h)), part("L", price(shown.l)), part("C", price(shown.c)),
      make("b", way, change), part("Vol", amount(shown.v)));
  }

  tell() {
    if (!this.#reply) return;
    const { at, word } = dated(this.#reply);
    const source = this.#reply.meta?.source ?? "unknown source";
    this.#say(`${word ? `${word} · ` : ""}${this.timeframe} candles, UTC · ${source} · ${age(at)}`, word !== "");
  }

  // The price of the symbol shown: the running candle follows it, but never past its own end.
  tick(ticker) {
    document.getElementById("chart-price").textContent = price(ticker.price);
    if (Number.isFinite(ticker.change_24h)) { // not every venue tells it: a known one stays
      const change = document.getElementById("chart-change");
      change.textContent = percent(ticker.change_24h);
      change.className = `change ${lean(ticker.change_24h)}`;
    }
    const bar = this.#last;
    if (!bar || this.#key !== `${this.symbol} ${this.timeframe}`) return;
    const now = ticker.timestamp ?? Date.now();
    if (now >= bar.t + LENGTH_MS[this.timeframe]) {
      this.#last = null; // a new candle: its open is the source's to say
      this.load();
      return;
    }
    this.#last = { ...bar, c: ticker.price, h: Math.max(bar.h, ticker.price), l: Math.min(bar.l, ticker.price) };
    this.#drawn.update(this.#last);
    if (!this.#hovered || this.#hovered.t === this.#last.t) this.#hover(this.#hovered && this.#last);
  }

  fan(reply, near) {
    const length = LENGTH_MS[this.timeframe];
    const steps = reply.predictions.map((step, i) => ({
      t: step.timestamp - length, // drawn at its candle, which is placed by its opening time
      mid: step.price,
      low: step.lower_bound,
      high: step.upper_bound,
      nearLow: near?.predictions[i]?.lower_bound,
      nearHigh: near?.predictions[i]?.upper_bound,
    }));
    const from = reply.current_price;
    this.#drawn.fan([{ t: steps[0].t - length, mid: from, low: from, high: from, nearLow: near ? from : undefined, nearHigh: near ? from : undefined }, ...steps]);
  }

  #clear(text) {
    this.#last = null;
    this.#reply = null;
    delete this.#place.dataset.shown;
    document.getElementById("chart-title").textContent = this.symbol;
    document.getElementById("chart-price").textContent = "…";
    document.getElementById("chart-change").textContent = "";
    this.#legend.replaceChildren();
    this.#drawn.fan([]);
    this.#say(text);
  }

  #say(text, stale = false) {
    this.#state.textContent = text;
    this.#state.classList.toggle("stale", stale);
  }
}
