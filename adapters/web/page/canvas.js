// The chart as Lightweight Charts draws it. plain.js has the same three methods for when it is absent.

import { price } from "./words.js";

const seconds = (bar) => bar.t / 1000;
const candle = (bar) => ({ time: seconds(bar), open: bar.o, high: bar.h, low: bar.l, close: bar.c });

export function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["panel", "text", "quiet", "line", "up", "down", "accent", "fan-wide", "fan-near"];
  return Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

export class CanvasChart {
  #chart;
  #bands;
  #candles;
  #volume;
  #median;
  #shown = [];

  constructor(place) {
    const library = window.LightweightCharts;
    this.#chart = library.createChart(place, {
      autoSize: true,
      localization: { priceFormatter: price, locale: "en-GB" },
      timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 2 },
      rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.2 } },
    });
    // a band is an area over another: wide high, near high, near low, wide low, all opaque
    this.#bands = ["high", "nearHigh", "nearLow", "low"].map((field) => ({
      field,
      series: this.#chart.addAreaSeries({ lineVisible: false, crosshairMarkerVisible: false, lastValueVisible: false, priceLineVisible: false }),
    }));
    this.#median = this.#chart.addLineSeries({ lineWidth: 2, lineStyle: 2, lastValueVisible: false, priceLineVisible: false, crosshairMarkerVisible: false });
    this.#volume = this.#chart.addHistogramSeries({ priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
    this.#chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.86, bottom: 0 } });
    this.#candles = this.#chart.addCandlestickSeries({ borderVisible: false });
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
    const fills = [c["fan-wide"], c["fan-near"], c["fan-wide"], c.panel];
    this.#bands.forEach(({ series }, i) => series.applyOptions({ topColor: fills[i], bottomColor: fills[i] }));
    this.#volume.setData(this.#shown.map((bar) => this.#pillar(bar)));
  }

  show(bars, kept) {
    this.#shown = bars;
    this.#candles.setData(bars.map(candle));
    this.#volume.setData(bars.map((bar) => this.#pillar(bar)));
    // a refreshed chart stays where it was scrolled; another one starts at its end
    if (!kept) {
      this.#chart.priceScale("right").applyOptions({ autoScale: true });
      this.#chart.timeScale().setVisibleLogicalRange({ from: bars.length - (innerWidth < 640 ? 64 : 120), to: bars.length + 2 }); // a fan moves it on;
    }
  }

  update(bar) {
    this.#candles.update(candle(bar));
  }

  // steps: [{t, mid, low, high, nearLow, nearHigh}], the first where the forecast starts
  fan(steps) {
    for (const { field, series } of this.#bands) {
      series.setData(steps.filter((step) => Number.isFinite(step[field])).map((step) => ({ time: seconds(step), value: step[field] })));
    }
    this.#median.setData(steps.map((step) => ({ time: seconds(step), value: step.mid })));
  }

  #pillar(bar) {
    const c = colours();
    return { time: seconds(bar), value: bar.v, color: `${bar.c >= bar.o ? c.up : c.down}55` };
  }
}
