// Values as people read them, and elements made without markup. A missing value is a dash.

export const DASH = "–";

export function price(value) {
  if (!Number.isFinite(value)) return DASH;
  const most = decimals(value);
  return value.toLocaleString("en-US", { minimumFractionDigits: Math.min(most, 4), maximumFractionDigits: most });
}

// Of a price: five figures, where a tick is worth seeing (1.0005), but cents of what costs hundreds.
export function decimals(value) {
  const power = Math.floor(Math.log10(Math.abs(value) || 1));
  return power < 0 ? Math.min(10, 3 - power) : Math.max(2, 4 - power);
}

export function percent(value) {
  if (!Number.isFinite(value)) return DASH;
  const rounded = Math.round(value * 100) / 100 || 0; // no -0.00
  return `${rounded > 0 ? "+" : ""}${rounded.toFixed(2)} %`;
}

export function share(value) {
  return Number.isFinite(value) ? `${Math.round(value * 100)} %` : DASH;
}

export function big(value) {
  if (!Number.isFinite(value)) return DASH;
  return `$${amount(value)}`;
}

export function amount(value) {
  if (!Number.isFinite(value)) return DASH;
  return value.toLocaleString("en-US", { notation: "compact", minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

export function age(ms) {
  if (!Number.isFinite(ms)) return "never";
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86400)} d ago`;
}

// How long ago as an element that stays true: retell() renews all that stand on the page.
export function ago(ms) {
  const element = make("time", "", age(ms));
  if (!Number.isFinite(ms)) return element;
  element.dateTime = new Date(ms).toISOString();
  element.title = `${element.dateTime.slice(0, 19).replace("T", " ")} UTC`;
  return element;
}

export function retell() {
  for (const element of document.querySelectorAll("time[datetime]")) {
    const told = age(Date.parse(element.dateTime));
    if (element.textContent !== told) element.textContent = told;
  }
}

export function lean(value) {
  return value >= 0.005 ? "up" : value <= -0.005 ? "down" : "";
}

export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// How much of a whole, 0 to 1; the figure stands beside it.
export function meter(part) {
  const whole = draw("rect", { class: "whole", width: 100, height: 4, rx: 2 });
  const filled = draw("rect", { class: "part", width: Math.max(0, Math.min(100, part * 100)).toFixed(1), height: 4, rx: 2 });
  return draw("svg", { viewBox: "0 0 100 4", class: "meter", preserveAspectRatio: "none", "aria-hidden": "true" }, whole, filled);
}

export function draw(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}
