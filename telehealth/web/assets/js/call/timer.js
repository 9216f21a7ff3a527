// A timer up to an instant of our server's clock: the therapist's alone, or everybody's. It is seen and said, never only heard.
import { announce } from "../announce.js";
import { say } from "./words.js";

const SAID_AT = new Set([10, 5, 2, 1, 0]);
const MOST_MINUTES = 240;

export class Timer {
  constructor({ one, call, isConductor }) {
    Object.assign(this, { one, call, isConductor });
    this.ends = null;
    setInterval(() => this.tick(), 1_000);
    if (!isConductor) return;
    one("timer-form").addEventListener("submit", (event) => { event.preventDefault(); this.start(); });
    one("timer-stop").addEventListener("click", () => this.set(0));
  }

  start() {
    const [minutes, share] = this.one("timer-form").querySelectorAll("input");
    const count = Number(minutes.value);
    const isWrong = !(Number.isInteger(count) && count >= 1 && count <= MOST_MINUTES);
    this.one("timer-error").hidden = !isWrong;
    minutes.setAttribute("aria-invalid", String(isWrong));
    if (isWrong) return minutes.focus();
    return this.set(count, share.checked);
  }

  async set(minutes, isShared = false) {
    if (await this.call.do("set_timer", { minutes, is_shared: isShared })) this.call.tell({ kind: "look" });
  }

  // Clocks differ: what counts is how far off the end is by the server's.
  show(news) {
    if (!news) return;
    const { timer_ends_at: ends, is_timer_shared: isShared } = news.call;
    const key = `${ends ?? ""} ${isShared}`;
    if (key === this.key) return;
    this.key = key;
    this.said = null;
    this.isShared = isShared;
    this.ends = ends ? Date.now() + (Date.parse(ends) - Date.parse(news.now)) : null;
    if (this.isConductor) this.one("timer-stop").hidden = !ends;
    this.tick();
  }

  tick() {
    const shown = this.one("timer-shown");
    shown.hidden = this.ends === null;
    if (this.ends === null) return;
    const minutes = Math.max(0, Math.ceil((this.ends - Date.now()) / 60_000));
    const word = minutes > 1 ? say("minutes_left", { count: minutes }) : say(minutes ? "minute_left" : "time_is_up");
    const whole = this.isConductor && !this.isShared ? `${word} (${say("timer_only_you")})` : word;
    if (shown.textContent !== whole) shown.textContent = whole;
    if (this.said === minutes) return;
    if (SAID_AT.has(minutes) || this.said === null) announce(word);
    this.said = minutes;
  }
}
