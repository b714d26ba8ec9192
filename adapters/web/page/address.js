// What is charted stands behind the address's #, so that a chart can be kept and passed on: #ETH/4h.

const FORM = /^#([A-Z0-9]{1,20})\/(\w{2,3})$/;

// [symbol, timeframe] that the address names, or null.
export function named(timeframes) {
  const [, symbol, timeframe] = location.hash.match(FORM) ?? [];
  return timeframes.includes(timeframe) ? [symbol, timeframe] : null;
}

export function keep(symbol, timeframe) {
  history.replaceState(null, "", `#${symbol}/${timeframe}`);
}
