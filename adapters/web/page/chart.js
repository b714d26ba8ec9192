// Which candles are shown, the running one kept up with the price, all asked again each minute.

import { ask } from "./ask.js";
import { CanvasChart } from "./canvas.js";
import { PlainChart } from "./plain.js";
import { dated, origin, trouble } from "./provenance.js";
import { Quote } from "./quote.js";
import { DASH, ago, amount, lean, make, percent, price } from "./words.js";

const LENGTH_MS = { "1m": 6e4, "5m": 3e5, "15m": 9e5, "1h": 36e5, "4h": 144e5, "1d": 864e5, "1w": 6048e5 };
const BARS = 300;
const AGAIN_MS = 5000; // a source may be late with a candle that has just begun

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
  #none = document.getElementById("chart-none");
  #said = document.getElementById("chart-said"); // read aloud: what changes by itself is not
  #quote = new Quote();
  #quoted = this.symbol;
  #started = null;
  #hovered = null;
  #drawn = null;
  #key = "";
  #last = null;
  #reply = null;
  #failure = "";
  #asked = 0;
  #turn = 0;

  start() {
    this.#started ??= this.#start();
    return this.#started;
  }

  async #start() {
    const there = await library("static/lightweight-charts.js");
    document.getElementById("credit").hidden = !there;
    this.#drawn = there ? new CanvasChart(this.#place, (bar) => this.#hover(bar)) : new PlainChart(this.#place);
  }

  paint() {
    this.#drawn?.paint();
  }

  get #wanted() {
    return `${this.symbol} ${this.timeframe}`;
  }

  get shows() {
    return this.#reply !== null;
  }

  // Ask for the candles of what is chosen: true when they are shown, false when they cannot be had,
  // null when something else was chosen meanwhile.
  async load() {
    await this.start();
    const turn = ++this.#turn;
    const { symbol, timeframe } = this;
    const key = this.#wanted;
    if (key !== this.#key) this.#clear();
    this.#asked = Date.now();
    let reply;
    let failure = "";
    try {
      reply = await ask(`api/ohlcv?symbol=${encodeURIComponent(symbol)}&timeframe=${timeframe}&limit=${BARS}`);
      if (reply.data.length === 0) failure = "the source has none";
    } catch (error) {
      failure = error.message;
    }
    if (turn !== this.#turn) return null;
    if (failure) this.#fail(failure);
    else this.#show(reply, key);
    return !failure;
  }

  #show(reply, key) {
    this.#reply = reply;
    this.#failure = "";
    const newest = reply.data.at(-1);
    // the last candle's close is a price too, but not where a later one is known
    this.#quote.show({ price: newest.c, timestamp: reply.meta?.as_of ?? newest.t }, reply.meta?.source);
    this.#quote.name(reply.symbol);
    this.#last = this.#moved(newest);
    this.#drawn.show([...reply.data.slice(0, -1), this.#last], key === this.#key);
    if (key !== this.#key) this.#said.textContent = `${reply.symbol}, ${this.timeframe} candles`;
    this.#key = key;
    this.#place.dataset.shown = key;
    this.#place.classList.remove("waiting");
    this.#place.setAttribute("aria-label", `Candlestick chart of ${reply.symbol}, ${this.timeframe} candles, last price ${price(this.#last.c)}`);
    this.#hover(null);
    this.tell();
  }

  // A failure keeps the candles of what is charted, marked as old; those of another chart go.
  #fail(failure) {
    this.#failure = failure;
    if (!this.#reply) {
      this.#drawn.show([], false);
      this.#place.classList.remove("waiting");
      this.#none.textContent = `Candles of ${this.#wanted} are not available: ${failure}.`;
      this.#said.textContent = this.#none.textContent;
      this.#place.setAttribute("aria-label", "No candles");
      this.#state.textContent = "";
      if (this.#quote.price === null) this.#quote.clear(this.symbol, DASH);
    }
    this.tell();
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
    this.#quote.tell();
    if (!this.#reply) return;
    const { at, word } = dated(this.#reply);
    const old = this.#failure ? "stale" : word;
    this.#state.replaceChildren(`${old ? `${old} · ` : ""}${this.timeframe} candles, UTC · ${origin(this.#reply.meta?.source)} · `, ago(at), old ? ` · ${trouble(this.#reply, this.#failure)}` : "");
    this.#state.classList.toggle("stale", old !== "");
  }

  // The price of the symbol shown: the running candle follows it, but never past its own end.
  tick(ticker, source) {
    const now = ticker.timestamp ?? Date.now();
    if (!this.#quote.show({ ...ticker, timestamp: now }, source)) return;
    const bar = this.#last;
    if (!bar || this.#key !== this.#wanted) return;
    if (now >= bar.t + LENGTH_MS[this.timeframe]) {
      // a new candle: its open is the source's to say
      if (Date.now() - this.#asked > AGAIN_MS) this.load();
      return;
    }
    this.#last = this.#moved(bar);
    this.#drawn.update(this.#last);
    if (!this.#hovered || this.#hovered.t === this.#last.t) this.#hover(this.#hovered && this.#last);
  }

  // The running candle with the price that is known, if that was told while it ran.
  #moved(bar) {
    const { price: value, at } = this.#quote;
    if (value === null || at < bar.t || at >= bar.t + LENGTH_MS[this.timeframe]) return bar;
    return { ...bar, c: value, h: Math.max(bar.h, value), l: Math.min(bar.l, value) };
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

  #clear() {
    if (this.#quoted !== this.symbol) this.#quote.clear(this.symbol);
    this.#quoted = this.symbol;
    this.#last = null;
    this.#reply = null;
    this.#failure = "";
    this.#key = "";
    delete this.#place.dataset.shown;
    this.#place.classList.add("waiting");
    this.#none.textContent = "";
    this.#legend.replaceChildren();
    this.#drawn.fan([]);
    this.#state.textContent = `loading ${this.#wanted} …`;
    this.#state.classList.remove("stale");
  }
}
