// A part of a page that is asked for again while something goes on, and says aloud when it has ended. Without script there is
// a link to look again.
import { announce } from "./announce.js";

const EVERY_MS = 3_000;
const GIVES_UP_MS = 10 * 60_000;

export function startPolling() {
  document.querySelectorAll("[data-poll-url]").forEach(watch);
}

function watch(place) {
  const goesOn = () => place.querySelector("[data-still-going]") !== null;
  if (!goesOn()) return;
  document.querySelectorAll(".no-script-only").forEach((each) => { each.hidden = true; });
  const started = Date.now();

  async function ask() {
    if (Date.now() - started > GIVES_UP_MS) return;
    const answer = document.hidden ? null : await fetch(place.dataset.pollUrl, { redirect: "manual" }).catch(() => null);
    if (answer?.status === 200) place.innerHTML = await answer.text(); // Our own page's part: what varies in it is escaped there.
    else if (answer && answer.status < 500) return; // Signed out, or ended meanwhile: the next click says so.
    if (goesOn()) setTimeout(ask, EVERY_MS);
    else announce(`${place.dataset.pollDone} ${place.innerText.replace(/\s+/g, " ").trim()}`);
  }
  setTimeout(ask, EVERY_MS);
}
