// Where the clients are, whom one calls there, and what is decided without a licence: a part of the desk, shown beside the
// pictures to whoever conducts. It is fetched anew each time it is opened, because they may have said something else.
import { say } from "./words.js";

export class Places {
  constructor({ one, place }) {
    this.shown = one("places");
    this.url = place.dataset.placesUrl;
    this.shown.addEventListener("submit", (event) => {
      event.preventDefault();
      const { target: form, submitter } = event;
      void this.load(form.action, { method: "POST", body: new FormData(form, submitter) });
    });
  }

  onPanel(name) {
    if (name === "places") void this.load(this.url);
  }

  async load(url, options = {}) {
    let page = "";
    try {
      const answer = await fetch(url, { ...options, redirect: "error" });
      if (answer.ok || answer.status === 422) page = await answer.text();
    } catch {
      page = "";
    }
    if (page) this.shown.innerHTML = page;
    else this.shown.textContent = say("places_unread");
  }
}
