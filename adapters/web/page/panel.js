// A panel asks, shows, tells where its answer comes from and how old it is, and says plainly when it cannot.

import { ask } from "./ask.js";
import { dated, origin, sourceNames, trouble } from "./provenance.js";
import { ago, make } from "./words.js";

export class Panel {
  #age;
  #body;
  #why;
  #reply = null;
  #failure = "";
  #told = "";

  constructor(id) {
    const panel = document.getElementById(id);
    this.#age = panel.querySelector(".age");
    this.#body = panel.querySelector(".body");
    this.#why = panel.querySelector(".why");
  }

  // Ask and show; a failure keeps what was shown before, marked as such.
  async ask(path, view) {
    try {
      const reply = await ask(path);
      this.show(reply, view(reply));
      return reply;
    } catch (error) {
      this.fail(error.message);
      return null;
    }
  }

  show(reply, children) {
    this.#reply = reply;
    this.#failure = "";
    if (children) this.#body.replaceChildren(...children);
    this.tell();
  }

  get failed() {
    return this.#failure !== "";
  }

  fail(failure) {
    if (this.#reply === null) this.unavailable(`Not available yet: ${failure}. Asking again.`);
    this.#failure = failure;
    this.tell();
  }

  // There is nothing to show, for this reason.
  unavailable(reason) {
    this.#reply = null;
    this.#failure = "";
    this.#body?.replaceChildren(make("p", "quiet", reason));
    this.tell();
  }

  tell() {
    const stale = this.#reply && (this.#failure ? "stale" : dated(this.#reply).word);
    const told = this.#reply ? `${stale} ${dated(this.#reply).at} ${trouble(this.#reply, this.#failure)}` : `no ${this.#failure}`;
    if (told === this.#told) return; // an element that stays can be read in peace
    this.#told = told;
    this.#age.classList.toggle("stale", Boolean(stale));
    this.#why.textContent = this.#reply ? trouble(this.#reply, this.#failure) : "";
    if (this.#reply === null) {
      this.#age.replaceChildren(this.#failure ? "not available" : "");
      return;
    }
    const { source } = this.#reply.meta ?? {};
    const from = source ? make("span", "", `${origin(source)} · `) : "";
    if (source) from.title = sourceNames(source).join(", ");
    this.#age.replaceChildren(stale ? `${stale} · ` : "", from, ago(dated(this.#reply).at));
  }
}
