// Plain advice where camera, microphone or the whole browser do not do: what is the matter, what helps, and the link to take
// along to a browser that can.
import { announce } from "../announce.js";
import { findSurroundings, nameTrouble } from "./surroundings.js";
import { has, say } from "./words.js";

const ELSEWHERE = /^(in_app|old)/;

export class Advice {
  constructor({ place, one, all, media, onWord }) {
    Object.assign(this, { place, one, all, media, onWord });
    this.around = findSurroundings();
    this.link = new URL(place.dataset.link || location.href, location.href).href;
    one("advice-link").value = this.link;
    one("copy-link").addEventListener("click", () => this.copy());
    one("try-again").addEventListener("click", () => location.reload());
  }

  async look(trouble) {
    const { camera, microphone, problem } = this.media;
    const isBySystem = /system/i.test(problem?.message ?? "");
    const code = nameTrouble(this.around, { trouble, camera: Boolean(camera), microphone: Boolean(microphone), isBySystem, isUnanswered: trouble === "refused" && await isUnanswered() });
    this.place.dataset.trouble = code;
    this.onWord(code && say(has(`trouble_${code}`) ? `trouble_${code}` : `trouble_${trouble}`));
    const how = has(`advice_${code}`) ? say(`advice_${code}`, { app: this.around.app || say("this_app") }) : "";
    this.one("advice").hidden = !how;
    this.one("advice-how").textContent = how;
    this.one("advice-take").hidden = !ELSEWHERE.test(code);
    this.one("try-again").hidden = code === "insecure" || ELSEWHERE.test(code);
    // Without connections there is nothing to go in for; everything else is no reason to stay out.
    for (const each of this.all("go-in")) each.hidden = !this.around.canConnect;
  }

  async copy() {
    const field = this.one("advice-link");
    const isCopied = await (navigator.clipboard?.writeText(this.link).then(() => true, () => false) ?? false);
    field.select(); // Where nothing lets us copy, it is selected for the person's own way.
    const word = say(isCopied || document.execCommand("copy") ? "link_copied" : "link_selected");
    this.one("copy-word").textContent = word;
    announce(word);
  }
}

// They closed the question: it can be asked again.
async function isUnanswered() {
  const ask = (name) => navigator.permissions?.query({ name }).then(({ state }) => state, () => "");
  const states = await Promise.all(["camera", "microphone"].map(ask));
  return states.includes("prompt") && !states.includes("denied");
}
