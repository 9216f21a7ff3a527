// A time that is kept while somebody types: "2 min left", said aloud once before it ends and once when it has ended.
// Nothing is ever sent or emptied by itself: the form stays as it is, and the button stays in reach.
// data-kept-until and data-now are ISO instants; data-now is the server's clock, because phones are often minutes off.
import { announce } from "./announce.js";

const WARN_BEFORE_MS = 120_000;
const LONGEST_TIMER = 2 ** 31 - 1;

export function startKept() {
  document.querySelectorAll("[data-kept-until]").forEach(watch);
}

function watch(box) {
  const started = Date.now();
  const total = Date.parse(box.dataset.keptUntil) - (Date.parse(box.dataset.now) || started);
  const left = () => total - (Date.now() - started);
  const button = box.querySelector("[data-kept-button]");
  let warned = false;
  let timer;

  function tick() {
    clearTimeout(timer);
    if (left() <= 0) return end();
    const minutes = Math.ceil(left() / 60_000);
    box.querySelector("[data-kept-left]").textContent = `${minutes} min left.`;
    if (!warned && left() <= WARN_BEFORE_MS) warn(minutes);
    timer = setTimeout(tick, Math.min(left() % 60_000 || 60_000, LONGEST_TIMER));
  }

  function warn(minutes) {
    warned = true;
    box.classList.add("kept--soon");
    const way = button.hidden ? "" : ` The button “${button.textContent.trim()}” is above the form.`;
    announce(`Your time is kept for ${minutes} more ${minutes === 1 ? "minute" : "minutes"}.${way}`);
  }

  function end() {
    const over = box.querySelector("[data-kept-over]");
    box.querySelector("[data-kept-running]").hidden = true;
    over.hidden = false;
    button.hidden = false;
    button.textContent = button.dataset.keptButton;
    box.classList.add("kept--over");
    announce(over.textContent.trim().replace(/\s+/g, " "));
  }

  tick();
  // Phones stop timers while asleep: look again when the page is seen again.
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !box.matches(".kept--over")) tick(); });
}
