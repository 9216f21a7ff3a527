// The row of controls: microphone, camera, screen, hand. Each says whether it is on.
import { announce } from "../announce.js";
import { say } from "./words.js";

const ROOMY = matchMedia("(min-width: 40rem) and (min-height: 26.1rem)"); // Else screen and hand stand under "More".

export class Controls {
  constructor({ one, all, call, media, presence, onWord, onOwn }) {
    Object.assign(this, { one, all, call, media, presence, onWord, onOwn });
    for (const each of all("microphone")) each.addEventListener("click", () => this.toggle("audio"));
    for (const each of all("camera")) each.addEventListener("click", () => this.toggle("video"));
    one("screen").hidden = !navigator.mediaDevices?.getDisplayMedia;
    one("screen").addEventListener("click", () => this.toggleScreen());
    one("hand").addEventListener("click", () => this.toggleHand());
    ROOMY.addEventListener("change", () => this.makeRoom());
    this.makeRoom();
  }

  makeRoom() {
    const few = [this.one("screen"), this.one("hand")];
    if (ROOMY.matches) this.one("controls").querySelector("[data-chat]").before(...few);
    else this.one("crowded").append(...few);
  }

  show() {
    const { microphone, camera, screen } = this.presence.own;
    this.press("microphone", microphone);
    this.press("camera", camera);
    this.press("screen", Boolean(screen));
    this.press("hand", Boolean(this.call.me?.hand_at));
    this.one("own-off").hidden = camera;
  }

  press(name, isOn) {
    for (const each of this.all(name)) each.setAttribute("aria-pressed", String(isOn));
  }

  // Where there is none yet, or it was refused, the press asks for it again.
  async toggle(kind) {
    const track = kind === "audio" ? this.media.microphone : this.media.camera;
    if (track?.readyState === "live") this.media.toggle(track);
    else await this.find(kind);
    this.presence.tell();
  }

  async find(kind) {
    try {
      await this.media.choose(kind);
      this.call.show(this.media.streams);
      this.onOwn();
      this.onWord("");
    } catch (problem) {
      this.onWord(say(`trouble_${this.media.reasonOf(problem)}`));
    }
  }

  async toggleScreen() {
    try {
      if (this.media.screen) this.media.stopScreen();
      else await this.media.shareScreen(() => this.tellScreen());
    } catch {
      return; // They chose nothing.
    }
    this.tellScreen();
  }

  tellScreen() {
    this.call.show(this.media.streams);
    this.presence.tell();
    this.onWord(this.media.screen ? say("own_screen") : "");
  }

  // Our server keeps it; the others are told to look there now.
  async toggleHand() {
    const isUp = this.one("hand").getAttribute("aria-pressed") !== "true";
    this.press("hand", isUp);
    announce(`${say("hand")}: ${say(isUp ? "on" : "off")}`);
    if (await this.call.do("raise_hand", { is_up: isUp })) this.call.tell({ kind: "look" });
  }
}
