// Who waits at the door, for the therapist.
import { announce } from "../announce.js";
import { say } from "./words.js";

export class DoorList {
  constructor({ one, call }) {
    Object.assign(this, { one, call });
    this.known = "";
    one("let-all-in").addEventListener("click", () => call.do("let_in"));
  }

  show(news) {
    if (!news) return;
    const waiting = news.others.filter((each) => each.state === "waiting");
    const ids = waiting.map((each) => each.id).join(" ");
    this.one("door").hidden = !waiting.length;
    if (ids === this.known) return;
    if (ids.length > this.known.length) announce(say("is_at_door", waiting.at(-1)));
    this.known = ids;
    this.one("door-list").replaceChildren(...waiting.map((each) => this.showWaiting(each)));
  }

  showWaiting({ id, name }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: say("let_in", { name }) });
    button.addEventListener("click", () => this.call.do("let_in", { whom: id }));
    item.append(button);
    return item;
  }
}
