// The market's table: one row a coin, patched in place, so that focus and selection stay.

import { origin } from "./provenance.js";
import { DASH, big, draw, lean, make, percent, price } from "./words.js";

export class Market {
  #body = document.getElementById("rows");
  #rows = new Map();
  #choose;

  constructor(choose) {
    this.#choose = choose;
  }

  // Rows as of a time; missing: by field, why a value may be unknown.
  show(items, { at, source, missing = {} }) {
    const wanted = new Set(items.map((item) => item.symbol));
    for (const [symbol, row] of this.#rows) {
      if (!wanted.has(symbol)) {
        row.line.remove();
        this.#rows.delete(symbol);
      }
    }
    if (this.#rows.size === 0) this.#body.replaceChildren();
    for (const item of items) {
      const row = this.#rows.get(item.symbol) ?? this.#add(item);
      row.rank.textContent = item.rank ?? DASH;
      row.cap.textContent = big(item.market_cap);
      row.volume.textContent = big(item.volume_24h);
      this.#change(row.week, item.change_7d);
      this.tick(item.symbol, { ...item, timestamp: at }, source);
      for (const [cell, field] of [[row.price, "price"], [row.day, "change_24h"], [row.week, "change_7d"], [row.volume, "volume_24h"], [row.cap, "market_cap"]]) {
        if (cell.textContent === "") cell.textContent = DASH;
        if (cell.textContent === DASH) cell.title = missing[`items[].${field}`] ?? "not known";
        else if (cell !== row.price) cell.title = "";
      }
      this.#body.append(row.line);
    }
  }

  // A price changed: show it and flash the way it went, unless a later one stands: the table that is
  // asked for may be older than what was told meanwhile. The volume stays the whole market's, and the
  // day's change stays where a venue does not tell it.
  tick(symbol, { price: value, change_24h: change, timestamp: at }, source) {
    const row = this.#rows.get(symbol);
    if (!row || !Number.isFinite(value) || at < row.at) return;
    if (row.value !== undefined && row.value !== value) {
      row.price.classList.remove("flash-up", "flash-down");
      void row.price.offsetWidth; // the animation starts again only after a layout
      row.price.classList.add(value > row.value ? "flash-up" : "flash-down");
    }
    row.value = value;
    row.at = at ?? row.at;
    row.price.textContent = price(value);
    row.price.title = origin(source);
    if (Number.isFinite(change)) this.#change(row.day, change);
  }

  spark(symbol, closes, source) {
    const row = this.#rows.get(symbol);
    if (!row) return;
    row.spark.title = closes.length < 2 ? "nobody told its candles" : origin(source);
    if (closes.length < 2) return row.spark.replaceChildren(DASH);
    const low = Math.min(...closes);
    const high = Math.max(...closes);
    const points = closes.map((close, i) =>
      `${((i / (closes.length - 1)) * 88 + 1).toFixed(1)},${(25 - ((close - low) / (high - low || 1)) * 22).toFixed(1)}`);
    const way = lean((closes.at(-1) / closes[0] - 1) * 100);
    const line = draw("polyline", { points: points.join(" ") });
    row.spark.replaceChildren(draw("svg", { viewBox: "0 0 90 28", class: `sparkline ${way}`, "aria-hidden": "true" }, line));
  }

  select(symbol) {
    for (const [own, row] of this.#rows) {
      if (own === symbol) row.line.setAttribute("aria-current", "true");
      else row.line.removeAttribute("aria-current");
    }
  }

  #change(cell, value) {
    cell.textContent = percent(value);
    cell.className = cell.className.replace(/ (up|down)\b/g, "") + (lean(value) ? ` ${lean(value)}` : "");
  }

  #add(item) {
    const cell = (className) => make("td", className);
    const row = {
      rank: cell("rank"), price: cell("number price"), day: cell("number"), week: cell("number far"),
      volume: cell("number far"), cap: cell("number far farther"), spark: cell("spark"),
    };
    // a coin's picture would come from another host: its first letter does
    const badge = make("span", `badge hue-${item.symbol.charCodeAt(0) % 6}`, item.symbol[0]);
    badge.setAttribute("aria-hidden", "true");
    const button = make("button", "coin", badge, make("b", "", item.symbol), make("span", "name", item.name));
    button.type = "button";
    button.addEventListener("click", () => this.#choose(item.symbol));
    row.line = make("tr", "", row.rank, make("td", "", button), row.price, row.day, row.week, row.volume, row.cap, row.spark);
    row.line.dataset.symbol = item.symbol;
    this.#rows.set(item.symbol, row);
    return row;
  }
}
