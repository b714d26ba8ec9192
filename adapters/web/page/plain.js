// The chart without the library: the last candles and the fan, as SVG.

import { draw } from "./words.js";

const SHOWN = 70;
const WIDTH = 900;
const HEIGHT = 360;

export class PlainChart {
  #place;
  #bars = [];
  #steps = [];

  constructor(place) {
    this.#place = place;
  }

  paint() {
    if (this.#bars.length === 0) return this.#place.replaceChildren();
    const count = this.#bars.length + Math.max(0, this.#steps.length - 1);
    const values = [...this.#bars.flatMap((bar) => [bar.l, bar.h]), ...this.#steps.flatMap((step) => [step.low, step.high])];
    const low = Math.min(...values);
    const high = Math.max(...values);
    const x = (i) => ((i + 0.5) / count) * WIDTH;
    const y = (value) => HEIGHT - 10 - ((value - low) / (high - low || 1)) * (HEIGHT - 20);
    const candles = this.#bars.map((bar, i) => draw("path", {
      class: `bar ${bar.c >= bar.o ? "up" : "down"}`,
      d: `M${x(i)} ${y(bar.h)}V${y(bar.l)}M${x(i) - 3} ${y(bar.o)}H${x(i) + 3}V${y(bar.c)}H${x(i) - 3}Z`,
    }));
    const at = (field) => this.#steps.map((step, i) => `${x(this.#bars.length - 1 + i)},${y(step[field])}`);
    const fan = this.#steps.length === 0 ? [] : [
      draw("polygon", { class: "fan", points: [...at("high"), ...at("low").reverse()].join(" ") }),
      draw("polyline", { class: "median", points: at("mid").join(" ") }),
    ];
    this.#place.replaceChildren(draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "plain" }, ...fan, ...candles));
  }

  show(bars) {
    this.#bars = bars.slice(-SHOWN);
    this.paint();
  }

  update(bar) {
    this.#bars = [...this.#bars.slice(0, -1), bar];
    this.paint();
  }

  fan(steps) {
    this.#steps = steps;
    this.paint();
  }
}
