// What others say, in writing, where the browser can do that on the device itself. One that would send voices to somebody's
// servers for it is not asked: nothing of a call leaves it.
import { say } from "./words.js";

const SHOWN_FOR_MS = 8_000;
const MOST_SHOWN = 3;
const FAILURES = new Set(["language-not-supported", "not-allowed", "service-not-allowed", "audio-capture"]);

export class Captions {
  constructor({ one, call, onWord }) {
    Object.assign(this, { one, call, onWord });
    this.isOn = false;
    this.heard = new Map();
    this.language = document.documentElement.lang;
    this.button = one("captions");
    this.button.addEventListener("click", () => this.turn());
    this.offer().catch(() => {});
  }

  get wanted() {
    return { langs: [this.language], processLocally: true };
  }

  async offer() {
    const Recognition = window.SpeechRecognition;
    if (!Recognition?.available || !("processLocally" in Recognition.prototype)) return;
    this.state = await Recognition.available(this.wanted);
    this.button.hidden = this.state === "unavailable";
  }

  async turn() {
    this.isOn = !this.isOn;
    this.button.setAttribute("aria-pressed", String(this.isOn));
    this.onWord("");
    if (this.isOn && this.state !== "available" && !(await window.SpeechRecognition.install(this.wanted).catch(() => false))) return this.fail();
    this.state = "available";
    this.show();
  }

  fail() {
    this.isOn = false;
    this.button.setAttribute("aria-pressed", "false");
    this.onWord(say("captions_fail"));
    this.show();
  }

  // One listener for each voice that there is.
  show() {
    const tracks = new Map(this.isOn ? [...this.call.peers].map(([id, peer]) => [trackOf(peer), id]) : []);
    tracks.delete(undefined);
    for (const [track, listener] of this.heard) {
      if (tracks.has(track)) continue;
      this.heard.delete(track);
      listener.abort();
    }
    for (const [track, id] of tracks) if (!this.heard.has(track)) this.listen(track, id);
    this.one("captions-shown").hidden = !this.isOn;
  }

  listen(track, id) {
    const listener = new window.SpeechRecognition();
    Object.assign(listener, { continuous: true, interimResults: true, lang: this.language, processLocally: true });
    listener.addEventListener("result", ({ results, resultIndex }) => {
      for (let index = resultIndex; index < results.length; index += 1) this.write(id, `${id} ${index}`, results[index][0].transcript);
    });
    listener.addEventListener("error", ({ error }) => { if (FAILURES.has(error)) this.fail(); });
    // After a silence it stops; a voice that is still there is listened to again.
    listener.addEventListener("end", () => { if (this.heard.delete(track) && this.isOn) setTimeout(() => this.show(), 500); });
    this.heard.set(track, listener);
    try {
      listener.start(track);
    } catch {
      this.fail(); // It hears no one but whoever sits here.
    }
  }

  write(id, key, text) {
    const shown = this.one("captions-shown");
    let line = [...shown.children].find((each) => each.dataset.key === key);
    if (!line) {
      line = document.createElement("p");
      line.dataset.key = key;
      shown.append(line);
      if (shown.children.length > MOST_SHOWN) shown.firstElementChild.remove();
    }
    line.textContent = `${this.call.others.get(id)?.name ?? ""}: ${text}`;
    clearTimeout(line.ending);
    line.ending = setTimeout(() => line.remove(), SHOWN_FOR_MS);
  }
}

function trackOf(peer) {
  return peer.connection.getReceivers().map(({ track }) => track).find(({ kind, readyState }) => kind === "audio" && readyState === "live");
}
