// News, mood and whales: what their panels show of a reply.

import { DASH, ago, amount, big, draw, make, meter } from "./words.js";

export function news(reply) {
  if (reply.news.length === 0) return [make("p", "quiet", "No news.")];
  return [make("ul", "list", ...reply.news.map((story) => {
    const title = make("a", "", story.title);
    // an outlet's text: only an address of the web is made a link
    if (/^https?:\/\//.test(story.url)) title.href = story.url;
    title.target = "_blank";
    title.rel = "noopener noreferrer nofollow";
    const feeling = make("span", `tag ${{ positive: "up", negative: "down" }[story.sentiment] ?? ""}`, story.sentiment ?? "unrated");
    const coins = (story.related_symbols ?? []).slice(0, 4).join(" · ");
    return make("li", "", title, make("p", "quiet", feeling, ` ${story.source} · `, ago(Date.parse(story.published_at)), coins ? ` · ${coins}` : null));
  }))];
}

export function whales(reply) {
  if (reply.alerts.length === 0) return [make("p", "quiet", "No large transfer lately.")];
  const arrow = { exchange_inflow: "to an exchange", exchange_outflow: "from an exchange" };
  const short = (address, owner) => owner ?? (address ? `${address.slice(0, 6)}…${address.slice(-4)}` : "unknown");
  return [make("ul", "list", ...reply.alerts.map((alert) => {
    const kind = arrow[alert.type] ?? "";
    const line = make("p", "", make("b", "", `${amount(alert.amount)} ${alert.token}`), ` ${big(alert.usd_value)} `, kind ? make("span", `tag ${alert.type === "exchange_inflow" ? "down" : "up"}`, kind) : null);
    const route = `${short(alert.from_address, alert.from_owner)} → ${short(alert.to_address, alert.to_owner)} · ${alert.chain} · `;
    return make("li", "", line, make("p", "quiet", route, ago(alert.timestamp)));
  }))];
}

export function mood(reply) {
  const value = reply.value;
  if (!Number.isFinite(value)) return [make("p", "quiet", `Not known: ${reply.meta?.missing?.value ?? "nobody tells it"}.`)];
  const turn = Math.PI * (1 - value / 100);
  const at = (angle, radius) => `${(100 + radius * Math.cos(angle)).toFixed(1)} ${(100 - radius * Math.sin(angle)).toFixed(1)}`;
  const arcs = [0, 1, 2, 3, 4].map((i) => draw("path", {
    class: `arc arc-${i}`,
    d: `M${at(Math.PI * (1 - (i + 0.04) / 5), 82)}A82 82 0 0 1 ${at(Math.PI * (1 - (i + 0.96) / 5), 82)}`,
  }));
  const needle = draw("path", { class: "needle", d: `M${at(turn, 68)}L${at(turn + Math.PI / 2, 5)}L${at(turn - Math.PI / 2, 5)}Z` });
  const gauge = draw("svg", { viewBox: "0 0 200 112", class: "gauge", role: "img", "aria-label": `${value} of 100: ${reply.value_classification}` }, ...arcs, needle, draw("circle", { cx: 100, cy: 100, r: 6, class: "needle" }));
  const parts = Object.entries(reply.components ?? {}).map(([name, part]) => component(name.replaceAll("_", " ").replace(/^./, (letter) => letter.toUpperCase()), part, reply.meta?.missing?.[`components.${name}`]));
  return [
    gauge,
    make("p", "verdict", make("b", "", String(value)), ` ${reply.value_classification}`),
    make("p", "quiet centred", `index: ${reply.index_source.replaceAll("_", " ")} · of `, ago(Date.parse(reply.last_updated))),
    make("dl", "facts small", ...parts),
  ];
}

// One of the index's parts, from 0 (fear) to 100 (greed), or why it is unknown.
function component(name, value, reason) {
  if (Number.isFinite(value)) return make("div", "", make("dt", "", name), make("dd", "", meter(value / 100), String(Math.round(value))));
  return make("div", "", make("dt", "", name), make("dd", "unknown", reason ?? DASH));
}
