// What only the therapist does inside: lock the room, remove somebody, end it for everybody. What cannot be taken back is asked.
import { ask } from "./asking.js";
import { say } from "./words.js";

export class Conducting {
  constructor({ one, call }) {
    Object.assign(this, { one, call });
    this.known = "";
    one("lock").addEventListener("click", () => {
      const isLocked = one("lock").getAttribute("aria-pressed") !== "true";
      one("lock").setAttribute("aria-pressed", String(isLocked));
      call.do("set_lock", { is_locked: isLocked });
    });
  }

  show(news) {
    if (!news) return;
    this.one("lock").setAttribute("aria-pressed", String(news.call.is_locked));
    const inside = news.others.filter((each) => each.state === "admitted" && each.role !== "therapist");
    const key = inside.map((each) => each.id + each.name).join(" ");
    if (key === this.known) return;
    this.known = key;
    this.one("put-out-list").replaceChildren(...inside.map((each) => this.showInside(each)));
  }

  showInside({ id, name }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button button--secondary", textContent: say("put_out", { name }) });
    button.addEventListener("click", () => this.putOut(id, name));
    item.append(button);
    return item;
  }

  async putOut(id, name) {
    const answer = await ask(this.one("asking"), say("put_out_question", { name }), [
      { name: "yes", text: say("put_out_yes"), kind: "danger" },
      { name: "", text: say("stay") },
    ]);
    if (answer) await this.call.do("put_out", { whom: id });
  }

  // Gives "leave", "end" or "".
  askHowToLeave() {
    return ask(this.one("asking"), say("leave_question"), [
      { name: "end", text: say("end"), kind: "danger" },
      { name: "leave", text: say("just_leave") },
      { name: "", text: say("stay"), kind: "quiet" },
    ]);
  }
}
