// The server can only guess a visitor's time zone; the browser knows it. Where the page says that the zone was assumed,
// the page is asked for once more with the real one.
import { announce } from "./announce.js";

const ARRIVED = "tz_detected";

export function startTimezone() {
  const url = new URL(location.href);
  if (url.searchParams.has(ARRIVED)) return tellOfChange(url);
  const select = document.querySelector("[data-timezone-form] [data-detect-timezone]");
  if (!select || !document.querySelector("[data-timezone-assumed]")) return;
  // A zone in the address was chosen or already detected. Leaving it alone is also what makes a loop impossible.
  if (url.searchParams.has(select.name)) return;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || zone === select.value) return;
  url.searchParams.set(select.name, zone);
  url.searchParams.set(ARRIVED, "1");
  location.replace(url);
}

function tellOfChange(url) {
  url.searchParams.delete(ARRIVED);
  history.replaceState(history.state, "", url);
  const select = document.querySelector("[data-detect-timezone]");
  const zone = select?.selectedOptions[0]?.text ?? "your time zone";
  announce(`Times are now shown in ${zone.trim()}.`);
}
