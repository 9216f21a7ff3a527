// The waiting page: "Opens in 12 min", and one reload when the moment has come.
// data-reload-at and data-now are ISO instants; data-now is the server's clock, because phones are often minutes off.
import { announce } from "./announce.js";

const SPOKEN_MINUTES = new Set([10, 5, 1]);
const LONGEST_TIMER = 2 ** 31 - 1;

export function startLive() {
  document.querySelectorAll("[data-reload-at]").forEach(watch);
}

function watch(element) {
  const started = Date.now();
  const serverNow = Date.parse(element.dataset.now ?? "") || started;
  const total = Date.parse(element.dataset.reloadAt) - serverNow;
  // A moment that has passed when the page arrives is never waited for: that would reload for ever.
  if (!(total > 0)) return;
  const left = () => total - (Date.now() - started);
  let spoken = null;

  function tick() {
    if (left() <= 0) return location.reload();
    const minutes = Math.ceil(left() / 60_000);
    const sentence = `${element.dataset.liveLabel ?? "Opens in"} ${wording(minutes)}`;
    if (element.textContent !== sentence) element.textContent = sentence;
    if (spoken !== null && minutes !== spoken && SPOKEN_MINUTES.has(minutes)) announce(sentence);
    spoken = minutes;
    setTimeout(tick, Math.min(left() % 60_000 || 60_000, LONGEST_TIMER));
  }
  tick();
  // Phones stop timers while asleep: look again when the page is seen again.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && left() <= 0) location.reload();
  });
}

function wording(minutes) {
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  const hours = Math.floor(minutes / 60);
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}
