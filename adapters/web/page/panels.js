// A panel asks, shows, tells its age, and says plainly when it cannot. News, mood and whales.

import { ask, dated } from "./ask.js";
import { DASH, age, amount, big, draw, make, meter } from "./words.js";

export class Panel {
  #age;
  #body;
  #reply = null;
  #failed = "";

  constructor(id) {
    const panel = document.getElementById(id);
    this.#age = panel.querySelector(".age");
    this.#body = panel.querySelector(".body");
  }

  // Ask and show; a failure keeps what was shown before, marked as such.
  async ask(path, view) {
    try {
      const reply = await ask(path);
      this.show(reply, view(reply));
      return reply;
    } catch (error) {
      if (this.#reply === null) this.unavailable(`Not available yet: ${error.message}. Asking again.`);
      this.#failed = error.message;
      this.tell();
      return null;
    }
  }

  show(reply, children) {
    this.#reply = reply;
    this.#failed = "";
    if (children) this.#body.replaceChildren(...children);
    this.tell();
  }

  unavailable(text) {
    this.#reply = null;
    this.#age.textContent = "";
    this.#body?.replaceChildren(make("p", "quiet", text));
  }

  tell() {
    if (this.#reply === null) {
      if (this.#failed) this.#age.textContent = "not available";
      return;
    }
    const { at, word } = dated(this.#reply);
    const shown = this.#failed ? "stale" : word;
    this.#age.textContent = `${shown ? `${shown} · ` : ""}${age(at)}`;
    this.#age.title = this.#failed || (word === "degraded" ? "not every first source answered" : "");
    this.#age.classList.toggle("stale", shown !== "");
  }
}

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
    return make("li", "", title, make("p", "quiet", feeling, ` ${story.source} · ${age(Date.parse(story.published_at))}${coins ? ` · ${coins}` : ""}`));
  }))];
}

export function whales(reply) {
  if (reply.alerts.length === 0) return [make("p", "quiet", "No large transfer lately.")];
  const arrow = { exchange_inflow: "to an exchange", exchange_outflow: "from an exchange" };
  const short = (address, owner) => owner ?? (address ? `${address.slice(0, 6)}…${address.slice(-4)}` : "unknown");
  return [make("ul", "list", ...reply.alerts.map((alert) => {
    const kind = arrow[alert.type] ?? "";
    const line = make("p", "", make("b", "", `${amount(alert.amount)} ${alert.token}`), ` ${big(alert.usd_value)} `, kind ? make("span", `tag ${alert.type === "exchange_inflow" ? "down" : "up"}`, kind) : null);
    const route = `${short(alert.from_address, alert.from_owner)} → ${short(alert.to_address, alert.to_owner)} · ${alert.chain} · ${age(alert.timestamp)}`;
    return make("li", "", line, make("p", "quiet", route));
  }))];
}

export function mood(reply) {
  const value = reply.value;
  const turn = Math.PI * (1 - value / 100);
  const at = (angle, radius) => `${(100 + radius * Math.cos(angle)).toFixed(1)} ${(100 - radius * Math.sin(angle)).toFixed(1)}`;
  const arcs = [0, 1, 2, 3, 4].map((i) => draw("path", {
    class: `arc arc-${i}`,
    d: `M${at(Math.PI * (1 - (i + 0.04) / 5), 82)}A82 82 0 0 1 ${at(Math.PI * (1 - (i + 0.96) / 5), 82)}`,
  }));
  const needle = draw("path", { class: "needle", d: `M${at(turn, 68)}L${at(turn + Math.PI / 2, 5)}L${at(turn - Math.PI / 2, 5)}Z` });
  const gauge = draw("svg", { viewBox: "0 0 200 112", class: "gauge", role: "img", "aria-label": `${value} of 100: ${reply.value_classification}` }, ...arcs, needle, draw("circle", { cx: 100, cy: 100, r: 6, class: "needle" }));
  const parts = Object.entries(reply.components ?? {}).map(([name, part]) => component(name.replaceAll("_", " "), part, reply.meta?.missing?.[`components.${name}`]));
  return [
    gauge,
    make("p", "verdict", make("b", "", String(value)), ` ${reply.value_classification}`),
    make("p", "quiet centred", `index: ${reply.index_source} · of ${age(Date.parse(reply.last_updated))}`),
    make("dl", "facts small", ...parts),
  ];
}

// One of the index's parts, from 0 (fear) to 100 (greed), or why it is unknown.
function component(name, value, reason) {
  if (Number.isFinite(value)) return make("div", "", make("dt", "", name), make("dd", "", meter(value / 100), String(Math.round(value))));
  return make("div", "", make("dt", "", name), make("dd", "unknown", reason ?? DASH));
}
