// A forecast's fan as a series of its own: the areas between low and high, clear enough to see the grid.

export class Fan {
  #bars = [];
  #range = null;
  #options = null;

  renderer() {
    return { draw: (target, toY) => target.useBitmapCoordinateSpace((space) => this.#draw(space, toY)) };
  }

  update(data, options) {
    this.#bars = data.bars;
    this.#range = data.visibleRange;
    this.#options = options;
  }

  // What the price scale must hold, the last being where the series stands.
  priceValueBuilder(step) {
    return [step.low, step.high, step.mid];
  }

  isWhitespace(step) {
    return step.mid === undefined;
  }

  defaultOptions() {
    return { ...window.LightweightCharts.customSeriesDefaultOptions, wide: "#0000", near: "#0000" };
  }

  #draw({ context, horizontalPixelRatio: across, verticalPixelRatio: down }, toY) {
    if (!this.#range || !this.#options) return;
    const seen = this.#bars.slice(Math.max(0, this.#range.from - 1), this.#range.to + 1); // it may begin outside
    for (const [low, high, colour] of [["low", "high", this.#options.wide], ["nearLow", "nearHigh", this.#options.near]]) {
      const steps = seen.filter(({ originalData: step }) => Number.isFinite(step[low]) && Number.isFinite(step[high]));
      const at = (field) => ({ x, originalData }) => [x * across, toY(originalData[field]) * down];
      const outline = [...steps.map(at(high)), ...steps.map(at(low)).reverse()];
      context.beginPath();
      for (const [x, y] of outline) context.lineTo(x, y);
      context.closePath();
      context.fillStyle = colour;
      context.fill();
    }
  }
}
