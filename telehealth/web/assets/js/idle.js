// Staff are signed out after a while without a click, to keep clients private. Two minutes before, the page says so and
// offers to stay, so that nobody loses half a form. Other tabs can only make the moment later, never earlier.
import { announce } from "./announce.js";

const WARN_BEFORE_MS = 120_000;

export function startIdle() {
  const box = document.querySelector("[data-idle-seconds]");
  if (!box) return;
  const wait = box.dataset.idleSeconds * 1000 - WARN_BEFORE_MS;
  let timer = setTimeout(warn, wait);

  function warn() {
    box.hidden = false;
    announce(box.querySelector("p").textContent);
  }

  async function stay() {
    const answer = await fetch(box.dataset.stayUrl, { redirect: "manual" }).catch(() => null);
    // Signed out already: the page itself leads to the sign-in page.
    if (answer?.status !== 204) return location.reload();
    box.hidden = true;
    clearTimeout(timer);
    timer = setTimeout(warn, wait);
    announce("You stay signed in.");
  }

  box.querySelector("button").addEventListener("click", stay);
}
