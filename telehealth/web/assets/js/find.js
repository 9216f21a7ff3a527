// Searches that answer while one types. Without this the button beside them does the same.
// data-finds names the element that the answer replaces; data-from is where to ask, else the search's own form.
import { announce } from "./announce.js";

const PAUSE = 150;

export function startFinding() {
  document.querySelectorAll("input[data-finds]").forEach(watch);
}

function watch(input) {
  let timer;
  let asked;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
  // Whoever presses the one that was chosen for them has chosen it themselves.
  document.addEventListener("click", ({ target }) => {
    if (target.matches(`#${CSS.escape(input.dataset.finds)} input[type=radio]`)) delete target.dataset.only;
  });

  async function look() {
    asked?.abort();
    asked = new AbortController();
    const address = addressOf(input);
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html" } });
      const text = await answer.text();
      if (addressOf(input).href !== address.href) return look(); // Somebody was chosen meanwhile, and must stay so.
      if (answer.ok && !answer.redirected) show(input, text, address);
    } catch {
      // Typed on, or offline: the button is still there.
    }
  }
}

function addressOf(input) {
  if (!input.dataset.from) {
    const form = new URL(input.form.action);
    form.search = new URLSearchParams(new FormData(input.form)).toString();
    return form;
  }
  const address = new URL(input.dataset.from, location.href);
  address.searchParams.set("q", input.value);
  const chosen = document.getElementById(input.dataset.finds)?.querySelector("input[type=radio]:checked");
  // Whoever was only found alone goes again with the next letter that does not fit.
  if (chosen && !("only" in chosen.dataset)) address.searchParams.set("known", chosen.value);
  return address;
}

function show(input, text, address) {
  const place = document.getElementById(input.dataset.finds);
  const found = new DOMParser().parseFromString(text, "text/html").getElementById(input.dataset.finds);
  if (!place || !found) return;
  place.replaceWith(found);
  if (found.dataset.said) announce(found.dataset.said);
  if (!input.dataset.from) history.replaceState(null, "", address);
}
