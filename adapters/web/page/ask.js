// Questions to our own service. What cannot be had is an Error whose message is for the reader.

export async function ask(path, body) {
  const options = body === undefined
    ? {}
    : { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  let reply;
  try {
    // what the browser kept is shown only if the service says that it still holds: one that is gone is noticed
    reply = await fetch(path, { ...options, cache: "no-cache", signal: AbortSignal.timeout(12000) });
  } catch {
    throw new Error("the service does not answer");
  }
  const told = await reply.json().catch(() => null);
  if (reply.ok && told) return told;
  if (reply.status === 429) throw new Error("too many requests from this address; it goes on in a minute");
  throw new Error(told?.error?.message ?? `not available (${reply.status})`);
}

const AGAIN_S = [2, 5, 15]; // the first failure is often a start: its second answer comes soon

// Ask now and then, not while nobody looks, sooner after a failure, which is a call's null.
export function repeat(everyS, call) {
  let timer;
  let running = false;
  let failures = 0;
  const turn = async () => {
    clearTimeout(timer);
    if (running) return;
    running = true;
    const told = document.hidden ? undefined : await call().catch(() => null);
    running = false;
    failures = told === null ? failures + 1 : 0;
    // an answer served old is being renewed behind it
    const again = AGAIN_S[failures - 1] ?? AGAIN_S.at(-1);
    const soon = failures > 0 || told?.meta?.fresh_until < Date.now();
    timer = setTimeout(turn, (soon ? Math.min(everyS(), again) : everyS()) * 1000);
  };
  document.addEventListener("visibilitychange", () => document.hidden || turn());
  turn();
  return turn;
}
