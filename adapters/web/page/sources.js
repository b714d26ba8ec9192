// Every source: its state, its circuit, what it serves, when it last answered, what went wrong.

import { ago, make } from "./words.js";

export function sources(reply) {
  const rows = reply.providers.toSorted((one, other) => rank(one) - rank(other));
  const troubled = reply.providers.filter(isTroubled).length;
  const unkeyed = reply.providers.filter((source) => source.key_needed && !source.key_present).length;
  const sum = `${reply.online} of ${reply.total} online · ${troubled} in trouble · ${unkeyed} wait for a key`;
  return [make("p", troubled ? "sum down" : "sum", sum), make("ul", "list sources", ...rows.map(line))];
}

function line(source) {
  const lacksKey = source.key_needed && !source.key_present;
  const state = lacksKey ? "no key" : isTroubled(source) && source.status === "online" ? "trouble" : source.status;
  const word = make("span", `tag ${lacksKey ? "" : isTroubled(source) ? "down" : "up"}`, state);
  const circuit = source.circuit === "closed" ? null : make("span", "tag down", `circuit ${source.circuit.replaceAll("_", " ")}`);
  const item = make("li", "",
    make("p", "", make("b", "", source.name.replaceAll("_", " ")), " ", word, " ", circuit),
    make("p", "quiet", `${source.feeds.join(", ")} · `, ...(source.last_ok_at ? ["answered ", ago(Date.parse(source.last_ok_at))] : ["not asked yet"])),
    source.last_ok_at && source.attribution ? make("p", "quiet", source.attribution) : null,
    isTroubled(source) && source.last_error ? make("p", "quiet down", `${source.last_error} · `, ago(Date.parse(source.last_error_at))) : null);
  item.dataset.source = source.id;
  item.dataset.state = state;
  return item;
}

// In trouble: off although nothing lacks, its circuit open, or its last word an error.
function isTroubled(source) {
  if (source.key_needed && !source.key_present) return false;
  const erred = source.last_error_at && (!source.last_ok_at || source.last_error_at > source.last_ok_at);
  return source.status !== "online" || source.circuit !== "closed" || Boolean(erred);
}

function rank(source) {
  if (isTroubled(source)) return 0;
  if (source.status !== "online") return 3;
  return source.last_ok_at ? 1 : 2;
}
