// The desk lives: what waits is asked for every so often while somebody can see the page, and shown in the menu and in the
// title of the tab. The sign-in ends as it would without: being asked by a page is no sign of a person.
import { announce } from "./announce.js";

const EVERY_MS = 20_000;

export function startCounts() {
  const url = document.querySelector("[data-counts-url]")?.dataset.countsUrl;
  if (!url) return;
  const title = document.title;
  let known = null;
  let timer;

  async function ask() {
    clearTimeout(timer);
    if (document.hidden) return;
    const answer = await fetch(url, { redirect: "manual", headers: { Accept: "application/json" } }).catch(() => null);
    // Signed out meanwhile: nothing is asked any more, and the next click leads to the sign-in page.
    if (answer && answer.status !== 200) return;
    if (answer) show(await answer.json());
    timer = setTimeout(ask, EVERY_MS);
  }

  function show({ links, waiting }) {
    for (const { href, text } of links) {
      const link = [...document.querySelectorAll(".desk-nav a")].find((each) => each.getAttribute("href") === href);
      if (link && link.textContent !== text) link.textContent = text;
    }
    document.title = waiting ? `(${waiting}) ${title}` : title;
    if (known !== null && waiting > known) announce(`${waiting - known} more to do.`);
    known = waiting;
  }

  document.addEventListener("visibilitychange", ask);
  timer = setTimeout(ask, EVERY_MS);
}
