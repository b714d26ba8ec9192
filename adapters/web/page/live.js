// Prices as they happen: the socket, else server-sent events, else asking again and again.

const PATIENCE_MS = 6000;
const RETRY_MS = 30000;
const OPEN = 1; // also where a browser extension puts something else in the place of WebSocket

export class Prices {
  #symbols = new Set();
  #told;
  #way;
  #socket = null;
  #events = null;
  #failures = 0;

  // told(symbol, ticker, source); way("socket" | "events" | "polling" | "lost"), when it changes
  constructor(told, way) {
    this.#told = told;
    let before = "";
    this.#way = (word) => {
      if (word !== before) way(word);
      before = word;
    };
  }

  // These and no others from now on.
  watch(symbols) {
    const fresh = symbols.filter((symbol) => !this.#symbols.has(symbol));
    const left = [...this.#symbols].filter((symbol) => !symbols.includes(symbol));
    if (fresh.length + left.length === 0) return;
    this.#symbols = new Set(symbols);
    if (this.#socket?.readyState === OPEN) {
      this.#say("subscribe", fresh);
      this.#say("unsubscribe", left);
    } else if (this.#events) this.#listen();
    else if (!this.#socket) this.#connect();
  }

  #say(action, symbols) {
    if (symbols.length > 0) this.#socket.send(JSON.stringify({ action, channel: "ticker", symbols }));
  }

  #connect() {
    const url = new URL("ws/ticker", document.baseURI);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    let socket;
    try {
      socket = this.#socket = new WebSocket(url);
    } catch {
      this.#socket = null;
      this.#listen();
      return;
    }
    const given = setTimeout(() => socket.close(), PATIENCE_MS);
    let opened = false;
    socket.onopen = () => {
      opened = true;
      clearTimeout(given);
      this.#failures = 0;
      this.#events?.close();
      this.#events = null;
      this.#way("socket");
      this.#say("subscribe", [...this.#symbols]);
    };
    socket.onmessage = (message) => this.#take(message.data);
    socket.onclose = () => {
      clearTimeout(given);
      this.#socket = null;
      this.#failures += 1;
      // cut once: it may come straight back; refused again: listen otherwise and try now and then
      if (this.#failures === 1) setTimeout(() => this.#connect(), 500 + Math.random() * 1000);
      else {
        if (!this.#events) this.#listen();
        setTimeout(() => this.#connect(), RETRY_MS);
      }
      if (opened && !this.#events) this.#way("lost");
    };
  }

  #listen() {
    this.#events?.close();
    const symbols = encodeURIComponent([...this.#symbols].join(","));
    const events = (this.#events = new EventSource(`api/stream/ticker?symbols=${symbols}`));
    events.onopen = () => this.#way("events");
    events.addEventListener("ticker", (event) => this.#take(event.data));
    events.onerror = () => {
      if (events.readyState === EventSource.CLOSED && this.#events === events) this.#events = null;
      if (!this.#socket || this.#socket.readyState !== OPEN) this.#way("polling");
    };
  }

  #take(text) {
    const message = JSON.parse(text);
    if (message.channel !== "ticker" || !message.data) return;
    this.#told(message.data.symbol, message.data, message.source);
  }
}
