// Where the clients are, whom one calls there, and what is decided without a licence: a part of the desk, shown beside the
// pictures to whoever conducts. It is fetched anew when it is opened, when somebody comes or has changed, and every so often;
// while a licence is missing and nobody has decided, what opens it says so.
import { announce } from "../announce.js";
import { say } from "./words.js";

const EVERY_MS = 30_000;

export class Places {
  constructor({ one, place }) {
    Object.assign(this, { one, url: place.dataset.placesUrl, shown: one("places"), known: "" });
    this.shown.addEventListener("submit", (event) => { event.preventDefault(); void this.decide(event.target, event.submitter); });
    setInterval(() => this.ask(), EVERY_MS);
  }

  onPanel(name) {
    if (name === "places") void this.ask();
  }

  show(news) {
    if (!news) return;
    const key = news.others.map(({ id, device, state }) => `${id} ${device} ${state}`).join();
    if (key === this.known) return;
    this.known = key;
    void this.ask();
  }

  // What somebody is typing there stays.
  get isBusy() {
    const typed = [...this.shown.querySelectorAll("input:not([type=hidden])")].some(({ value }) => value);
    return this.isDeciding || document.hidden || typed || this.shown.contains(document.activeElement);
  }

  async ask() {
    if (this.isBusy) return;
    const page = await load(this.url);
    if (this.isBusy) return;
    if (page) this.fill(page);
    else this.tell("places_unread");
  }

  async decide(form, button) {
    this.isDeciding = true;
    const body = new FormData(form);
    body.append(button.name, button.value);
    const page = await load(form.action, { method: "POST", body });
    this.isDeciding = false;
    if (!page) return this.tell("places_unread");
    this.fill(page);
    const wrong = this.shown.querySelector("[aria-invalid=true]");
    if (wrong) wrong.focus();
    else this.tell("licence_decided");
  }

  tell(name) {
    this.one("places-word").textContent = name && say(name);
  }

  fill(page) {
    const said = page.replace(/name="csrf_token" value="[^"]*"/g, ""); // Another one each time.
    if (said === this.said) return;
    this.said = said;
    this.tell("");
    this.shown.innerHTML = page; // Our own page's part: what varies in it is escaped there.
    const isOpen = Boolean(this.shown.querySelector("form"));
    const opener = this.one("places-opener");
    opener.textContent = say(isOpen ? "places_undecided" : "places");
    opener.classList.toggle("is-warning", isOpen);
    if (isOpen && !this.isWarned) announce(say("places_warning"));
    this.isWarned = isOpen;
  }
}

async function load(url, options = {}) {
  try {
    const answer = await fetch(url, { ...options, redirect: "error" });
    return answer.ok || answer.status === 422 ? await answer.text() : "";
  } catch {
    return "";
  }
}
