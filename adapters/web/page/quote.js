// The price of the coin on the chart: what it is, who told it, and how old that is.

import { origin } from "./provenance.js";
import { ago, lean, percent, price } from "./words.js";

const OLD_MS = 90000; // where prices are polled, one may be a minute old

export class Quote {
  at = 0;
  price = null;
  #title = document.getElementById("chart-title");
  #price = document.getElementById("chart-price");
  #change = document.getElementById("chart-change");
  #from = document.getElementById("chart-from");
  #page = document.title;

  // Of this coin nothing is known, or nothing yet.
  clear(symbol, shown = "…") {
    this.at = 0;
    this.price = null;
    this.#price.textContent = shown;
    this.#change.textContent = "";
    this.#from.replaceChildren();
    document.title = this.#page;
    this.name(symbol);
  }

  name(symbol) {
    this.#title.textContent = symbol;
    if (this.price !== null) document.title = `${price(this.price)} ${symbol} · ${this.#page.split(" · ")[0]}`;
  }

  // Show a price unless a later one stands; whether it is shown.
  show({ price: value, change_24h: change, timestamp: at }, source) {
    if (!Number.isFinite(value) || at < this.at) return false;
    this.at = at;
    this.price = value;
    this.#price.textContent = price(value);
    this.name(this.#title.textContent);
    if (Number.isFinite(change)) { // not every venue tells it: a known one stays
      this.#change.textContent = percent(change);
      this.#change.className = `change ${lean(change)}`;
    }
    this.#from.replaceChildren(`${origin(source)} · `, ago(at));
    this.tell();
    return true;
  }

  tell() {
    this.#from.classList.toggle("stale", this.at > 0 && Date.now() - this.at > OLD_MS);
  }
}
