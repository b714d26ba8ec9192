// The search of a coin: suggestions while typing, the arrow keys, Enter and Escape.

import { make } from "./words.js";

const SHOWN = 8;

export function search(coins, choose) {
  const input = document.getElementById("symbol");
  const list = document.getElementById("suggestions");
  let marked = -1;

  const close = () => {
    list.hidden = true;
    marked = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const take = (symbol) => {
    close();
    input.value = "";
    choose(symbol);
  };
  const mark = (index) => {
    const options = [...list.children];
    marked = (index + options.length) % options.length;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === marked)));
    input.setAttribute("aria-activedescendant", options[marked].id);
  };
  const suggest = () => {
    const text = input.value.trim().toUpperCase();
    const rank = (coin) => (coin.symbol === text ? 0 : coin.symbol.startsWith(text) ? 1 : 2);
    const found = text === "" ? [] : coins()
      .filter((coin) => coin.symbol.includes(text) || coin.name.toUpperCase().includes(text))
      .sort((one, other) => rank(one) - rank(other))
      .slice(0, SHOWN);
    list.replaceChildren(...found.map((coin, i) => {
      const option = make("li", "", make("b", "", coin.symbol), ` ${coin.name}`);
      option.id = `suggestion-${i}`;
      option.dataset.symbol = coin.symbol;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(coin.symbol);
      });
      return option;
    }));
    if (found.length === 0) return close();
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(0);
  };

  input.addEventListener("input", suggest);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && input.value.trim()) {
      take(list.children[marked]?.dataset.symbol ?? input.value.trim().toUpperCase());
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !list.hidden) {
      event.preventDefault();
      mark(marked + step);
    }
  });
}
