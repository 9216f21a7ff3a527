// Who waits at the door, for the therapist.
import { announce } from "../announce.js";
import { say } from "./words.js";

const MOST_INSIDE = 6; // As our server counts them.

export class DoorList {
  constructor({ one, call, onWord }) {
    Object.assign(this, { one, call, onWord });
    this.known = "";
    one("let-all-in").addEventListener("click", () => this.letIn());
    this.field = one("note-form").querySelector("input");
    one("note-form").addEventListener("submit", (event) => {
      event.preventDefault();
      call.do("set_note", { note: this.field.value }); // Empty takes it back.
      this.field.value = "";
    });
  }

  show(news) {
    if (!news) return;
    const waiting = news.others.filter((each) => each.state === "waiting");
    this.isFull = news.others.filter((each) => each.state === "admitted").length + 1 >= MOST_INSIDE;
    const ids = waiting.map((each) => each.id).join(" ");
    this.one("door").hidden = !waiting.length;
    this.one("let-all-in").hidden = news.call.is_locked; // Then one by one, and nobody unseen.
    const shown = news.call.note ? say("note_shown", { note: news.call.note }) : "";
    if (this.one("note-shown").textContent !== shown) this.one("note-shown").textContent = shown;
    this.tell(waiting, news.now);
    if (ids === this.known) return;
    if (ids.length > this.known.length) announce(say("is_at_door", waiting.at(-1)));
    this.known = ids;
    this.one("door-list").replaceChildren(...waiting.map((each) => this.showWaiting(each)));
    this.tell(waiting, news.now);
  }

  // For how long each waits, by our server's clock.
  tell(waiting, now) {
    for (const { id, since } of waiting) {
      const place = this.one("door-list").querySelector(`[data-waits="${id}"]`);
      const text = say("waits_for", { minutes: Math.max(0, Math.floor((Date.parse(now) - Date.parse(since)) / 60_000)) });
      if (place && place.textContent !== text) place.textContent = text;
    }
  }

  async letIn(given) {
    const { isFull } = this;
    if (!(await this.call.do("let_in", given)) && isFull) this.onWord(say("room_is_full"));
  }

  showWaiting({ id, name }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: say("let_in", { name }) });
    button.addEventListener("click", () => this.letIn({ whom: id }));
    const since = Object.assign(document.createElement("span"), { className: "soft" });
    since.dataset.waits = id;
    item.append(button, " ", since);
    return item;
  }
}
