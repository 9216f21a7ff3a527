// The desk lives: what waits is asked for every so often while somebody can see the page, and shown in the menu and in the
// title of the tab. The sign-in ends as it would without: being asked by a page is no sign of a person. Whoever wants to
// hear of it (news.js) is asked for more rarely while the page is out of sight, too.
import { announce } from "./announce.js";
import { tellOfNews, wantsNews } from "./news.js";

const EVERY_MS = 20_000;
const OUT_OF_SIGHT_MS = 60_000;

export function startCounts() {
  const place = document.querySelector("[data-counts-url]");
  if (!place) return;
  const title = document.title;
  const [lost, elsewhere, changed] = ["lost", "elsewhere", "changed"].map((name) => place.querySelector(`[data-desk-news="${name}"]`));
  let known = null;
  let asOf = place.dataset.asOf;
  let timer;

  async function ask() {
    clearTimeout(timer);
    if (document.hidden && !wantsNews()) return;
    const answer = await fetch(place.dataset.countsUrl, { redirect: "manual", headers: { Accept: "application/json" } }).catch(() => null);
    elsewhere.hidden = answer?.status !== 409;
    if (answer?.status === 200) show(await answer.json());
    else if (answer?.status === 409) setLost(false); // Asked again: they may change back.
    else if (answer && answer.status < 500) return setLost(false); // Signed out meanwhile: the next click leads to the sign-in page.
    else setLost(true);
    timer = setTimeout(ask, document.hidden ? OUT_OF_SIGHT_MS : EVERY_MS);
  }

  function show({ links, waiting, here, as_of }) {
    asOf = as_of;
    setLost(false);
    for (const { href, text } of links) {
      const link = [...document.querySelectorAll(".desk-nav a")].find((each) => each.getAttribute("href") === href);
      if (!link || link.textContent === text) continue;
      link.textContent = text;
      if (link.hasAttribute("aria-current")) changed.hidden = false;
    }
    document.title = waiting ? `(${waiting}) ${title}` : title;
    if (known !== null && (waiting > known.waiting || here > known.here)) {
      if (waiting > known.waiting) announce(`${waiting - known.waiting} more to do.`);
      tellOfNews();
    }
    known = { waiting, here };
  }

  function setLost(isLost) {
    if (isLost && lost.hidden) lost.querySelector("[data-as-of-text]").textContent = asOf;
    lost.hidden = !isLost;
  }

  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
  window.addEventListener("offline", () => setLost(true));
  timer = setTimeout(ask, EVERY_MS);
}
