// Where a reply comes from, how old it is, and what was not to be had, in words for the reader.

const SLACK_MS = 120000; // the next asking is due by then
const NO_FAILURE = ["ok", "unsupported", "no_key"];
const name = (source) => source.replace(/^sandbox:/, "").replaceAll("_", " ");

// When the answer was fetched from its sources, and a word if it is old or not from the first source.
export function dated(reply) {
  const meta = reply.meta ?? {};
  const old = Number.isFinite(meta.fresh_until) && Date.now() > meta.fresh_until + SLACK_MS;
  return { at: meta.fetched_at ?? reply.timestamp, word: old ? "stale" : meta.degraded ? "degraded" : "" };
}

// The names of sources joined by commas: one or two as they are, more as their number. That they are
// the sandbox's stands over the page.
export function origin(source) {
  const names = sourceNames(source);
  return names.length > 2 ? `${names.length} sources` : names.join(" + ") || "unknown source";
}

export function sourceNames(source) {
  return (source ?? "").split(",").filter(Boolean).map(name);
}

// Why a reply is not as it should be, one sentence; nothing if it is.
export function trouble(reply, failure) {
  if (failure) return `Not renewed: ${failure}.`;
  if (dated(reply).word === "") return "";
  const { sources_tried: tried = [], missing = {} } = reply.meta;
  const failed = tried.filter((one) => !NO_FAILURE.includes(one.outcome)).map((one) => `${name(one.source)} (${one.outcome.replaceAll("_", " ")})`);
  // a part of its own that lacks, such as one chain's alerts
  const parts = Object.entries(missing).filter(([part]) => /\[\w+\]$/.test(part)).map(([part, why]) => `${part.match(/\[(\w+)\]$/)[1]} (${name(why)})`);
  const lacking = [...new Set([...failed, ...parts])];
  return lacking.length > 0 ? `Without an answer: ${lacking.join(", ")}.` : "Kept from before: its sources did not answer since.";
}
