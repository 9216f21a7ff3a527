// "I cannot speak freely": said in the waiting room and inside, in words that can be read over a shoulder. Only therapists
// learn it, by a mark beside whoever says so.
import { announce } from "../announce.js";
import { say } from "./words.js";

export class Freedom {
  constructor({ one, all, call, tiles, isConductor }) {
    Object.assign(this, { one, all, call, tiles, isConductor });
    this.boxes = all("cannot-speak");
    this.known = new Set();
    for (const box of this.boxes) box.addEventListener("change", () => this.set(box.checked));
  }

  async set(cannotSpeak) {
    this.isSetting = true;
    this.check(cannotSpeak);
    const isKept = await this.call.do("set_cannot_speak", { cannot_speak: cannotSpeak });
    this.isSetting = false;
    if (!isKept) this.check(!cannotSpeak);
    else this.call.tell({ kind: "look" });
    for (const word of this.all("cannot-speak-word")) word.textContent = say(!isKept ? "why_error" : cannotSpeak ? "cannot_speak_told" : "cannot_speak_not");
  }

  check(isOn) {
    for (const box of this.boxes) box.checked = isOn;
  }

  show(news) {
    if (!news) return;
    if (!this.isSetting) this.check(news.me.cannot_speak);
    if (this.isConductor) for (const other of news.others) this.mark(other);
  }

  mark({ id, name, cannot_speak: cannotSpeak }) {
    const waits = this.one("door-list").querySelector(`[data-waits="${id}"]`)?.parentElement;
    for (const place of [this.tiles.persons.get(id)?.querySelector(".person__name"), waits]) {
      if (!place) continue;
      const mark = place.querySelector("[data-mark=cannot-speak]");
      if (mark) mark.hidden = !cannotSpeak;
      else if (cannotSpeak) place.append(" ", this.make());
    }
    if (cannotSpeak && !this.known.has(id)) announce(say("cannot_speak_of", { name }));
    if (cannotSpeak) this.known.add(id);
    else this.known.delete(id);
  }

  make() {
    const mark = Object.assign(document.createElement("span"), { className: "badge badge--warn", textContent: say("cannot_speak_mark") });
    mark.dataset.mark = "cannot-speak";
    return mark;
  }
}
