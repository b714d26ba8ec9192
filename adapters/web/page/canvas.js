// The chart as Lightweight Charts draws it. plain.js has the same three methods for when it is absent.

import { Fan } from "./fan.js";
import { decimals } from "./words.js";

const seconds = (bar) => bar.t / 1000;
const candle = (bar) => ({ time: seconds(bar), open: bar.o, high: bar.h, low: bar.l, close: bar.c });

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["panel", "text", "quiet", "line", "up", "down", "accent", "fan-wide", "fan-near"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

export class CanvasChart {
  #chart;
  #fan;
  #candles;
  #volume;
  #median;
  #shown = [];
  #steps = 0; // that the fan reaches after the newest candle
  #ahead = 0; // those of them that there is room for

  // hovered(bar or null): the candle under the pointer
  constructor(place, hovered) {
    const library = window.LightweightCharts;
    this.#chart = library.createChart(place, {
      autoSize: true,
      handleScroll: { vertTouchDrag: false }, // a finger that goes down scrolls the page
      localization: { locale: "en-GB" },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 2 },
      rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.2 }, entireTextOnly: true },
    });
    this.#fan = this.#chart.addCustomSeries(new Fan(), { lastValueVisible: false, priceLineVisible: false });
    this.#median = this.#chart.addLineSeries({ lineWidth: 2, lineStyle: 2, lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false });
    this.#volume = this.#chart.addHistogramSeries({ priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    this.#chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
    this.#candles = this.#chart.addCandlestickSeries({ borderVisible: false });
    this.#chart.subscribeCrosshairMove(({ time }) => hovered(this.#shown.find((bar) => seconds(bar) === time) ?? null));
    this.paint();
  }

  paint() {
    const c = colours();
    this.#chart.applyOptions({
      layout: { background: { type: "solid", color: c.panel }, textColor: c.quiet, fontFamily: "system-ui, sans-serif" },
      grid: { vertLines: { visible: false }, horzLines: { color: c.line } },
      rightPriceScale: { borderColor: c.line },
      timeScale: { borderColor: c.line },
    });
    this.#candles.applyOptions({ upColor: c.up, downColor: c.down, wickUpColor: c.up, wickDownColor: c.down });
    this.#median.applyOptions({ color: c.accent });
    this.#fan.applyOptions({ wide: c["fan-wide"], near: c["fan-near"] });
    this.#volume.setData(this.#shown.map((bar) => this.#pillar(bar)));
  }

  show(bars, kept) {
    this.#shown = bars;
    if (bars.length > 0) this.#refine(decimals(bars.at(-1).c));
    this.#candles.setData(bars.map(candle));
    this.#volume.setData(bars.map((bar) => this.#pillar(bar)));
    // a refreshed chart stays where it was scrolled; another one starts at its end
    if (!kept) {
      this.#chart.priceScale("right").applyOptions({ autoScale: true });
      this.#home();
    }
  }

  update(bar) {
    this.#shown = [...this.#shown.slice(0, -1), bar];
    this.#candles.update(candle(bar));
  }

  // The axis has no figures between two steps, which are cents unless it is told otherwise; all of
  // its figures have as many decimals.
  #refine(digits) {
    const form = new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
    this.#chart.applyOptions({ localization: { priceFormatter: (value) => form.format(value) } });
    const priceFormat = { type: "price", precision: digits, minMove: 10 ** -digits };
    for (const series of [this.#candles, this.#fan, this.#median]) series.applyOptions({ priceFormat });
  }

  // Show the newest candles and the whole fan after them.
  #home() {
    if (this.#shown.length === 0) return;
    const end = this.#shown.length - 1 + this.#steps;
    this.#chart.timeScale().setVisibleLogicalRange({ from: end - (innerWidth < 640 ? 64 : 120), to: end + 2 });
    this.#ahead = this.#steps;
  }

  // steps: [{t, mid, low, high, nearLow, nearHigh}], the first where the forecast starts
  fan(steps) {
    this.#fan.setData(steps.map((step) => ({ ...step, time: seconds(step) })));
    this.#median.setData(steps.map((step) => ({ time: seconds(step), value: step.mid })));
    this.#steps = Math.max(0, steps.length - 1);
    // it makes room for itself, unless the reader has gone elsewhere; before there are candles, show() does
    const seen = this.#chart.timeScale().getVisibleLogicalRange();
    const elsewhere = seen && seen.to < this.#shown.length - 1;
    if (this.#steps > this.#ahead && !elsewhere) this.#home();
  }

  #pillar(bar) {
    const c = colours();
    return { time: seconds(bar), value: bar.v, color: `${bar.c >= bar.o ? c.up : c.down}55` };
  }
}
