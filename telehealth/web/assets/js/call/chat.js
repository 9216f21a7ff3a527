// What is written goes from browser to browser, and stands nowhere but on the pages that are open.
import { announce } from "../announce.js";
import { say } from "./words.js";

const LONGEST = 2_000;
const MOST_SHOWN = 500;

export class Chat {
  constructor({ one, call, panels }) {
    Object.assign(this, { one, call, panels });
    this.unread = 0;
    this.unsent = [];
    one("chat-form").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
  }

  get field() {
    return this.one("chat-form").querySelector("input");
  }

  send() {
    const text = this.field.value.trim().slice(0, LONGEST);
    const isHeard = this.call.peers.size > 0;
    const error = this.one("chat-error");
    error.hidden = isHeard || !text;
    error.textContent = say("chat_nobody");
    if (text && isHeard) {
      this.unsent.push(text);
      this.add(say("you"), text, true);
      this.field.value = "";
      this.show();
    }
    this.field.focus();
  }

  // What was written while nobody was connected yet goes out as soon as somebody is.
  show() {
    if (![...this.call.peers.values()].some((peer) => peer.channel.readyState === "open")) return;
    for (const text of this.unsent.splice(0)) this.call.tell({ kind: "chat", text });
  }

  hear(id, { kind, text }) {
    if (kind !== "chat" || typeof text !== "string" || !text.trim()) return;
    const name = this.call.others.get(id)?.name ?? "";
    this.add(name, text.slice(0, LONGEST), false);
    if (this.panels.isOpen("chat")) return;
    this.count(this.unread + 1);
    announce(say("chat_new", { name, text: text.slice(0, 200) }));
  }

  add(name, text, isOwn) {
    const log = this.one("chat-log");
    const item = document.createElement("p");
    const who = document.createElement("strong");
    const what = document.createElement("span");
    item.className = isOwn ? "chat__item chat__item--own" : "chat__item";
    who.textContent = name;
    what.textContent = text;
    item.append(who, " ", what);
    log.append(item);
    if (log.children.length > MOST_SHOWN) log.firstElementChild.remove();
    log.scrollTop = log.scrollHeight;
  }

  count(unread) {
    this.unread = unread;
    const shown = this.one("unread");
    shown.hidden = !unread;
    shown.textContent = unread ? say("chat_unread", { count: unread }) : "";
  }

  onPanel(name) {
    if (name !== "chat") return;
    this.count(0);
    this.field.focus();
  }
}
