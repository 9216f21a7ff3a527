// The pictures: one for each person, one for each screen that is shown, and how they share the room there is.
import { announce } from "../announce.js";
import { say } from "./words.js";

const SHAPE = 3 / 2; // Between a phone held upright and one held sideways.
const LISTENS_EVERY_MS = 400;
const HEARD_FROM = 0.02; // Of 1; below it a room only hums.

export class Tiles {
  constructor({ one, call, media, presence, isConductor }) {
    Object.assign(this, { one, call, media, presence, isConductor });
    this.people = one("people");
    this.template = one("person");
    this.own = one("own-tile");
    this.persons = new Map();
    this.screens = new Map();
    this.isSpeakerView = this.hidesOwn = false;
    new ResizeObserver(() => this.arrange()).observe(this.people);
    setInterval(() => this.listen(), LISTENS_EVERY_MS);
  }

  show() {
    for (const id of [...this.persons.keys()]) if (!this.call.peers.has(id)) this.remove(id);
    for (const [id, peer] of this.call.peers) this.showPerson(id, peer);
    this.mark(this.own, this.presence.own, this.call.me?.hand_at);
    this.arrange();
  }

  showPerson(id, peer) {
    const tile = this.persons.get(id) ?? this.make(id);
    const other = this.call.others.get(id);
    if (other) {
      if (!tile.dataset.name) announce(say("has_come", other));
      if (other.hand_at && !tile.dataset.raised) announce(say("has_raised", other));
      tile.dataset.name = other.name;
      tile.dataset.raised = other.hand_at ? "up" : "";
      tile.querySelector("[data-name]").textContent = other.name;
      tile.querySelector(".person__dark").textContent = initials(other.name);
    }
    const on = this.presence.of(id);
    tile.dataset.state = peer.state;
    tile.querySelector("[data-state-word]").hidden = peer.state === "connected";
    this.mark(tile, on, other?.hand_at);
    this.showScreen(id, on.screen);
  }

  mark(tile, on, hand) {
    tile.dataset.picture = on.camera ? "on" : "off";
    tile.querySelector("[data-mark=microphone]").hidden = on.microphone;
    tile.querySelector("[data-mark=hand]").hidden = !hand;
    const camera = tile.querySelector("[data-mark=camera]");
    if (camera) camera.hidden = on.camera;
  }

  make(id) {
    const tile = this.template.content.firstElementChild.cloneNode(true);
    this.people.insertBefore(tile, this.own);
    this.persons.set(id, tile);
    return tile;
  }

  remove(id) {
    const tile = this.persons.get(id);
    if (tile.dataset.name) announce(say("has_gone", { name: tile.dataset.name }));
    tile.remove();
    this.persons.delete(id);
    this.showScreen(id, "");
  }

  // The first stream of somebody is of themselves; whatever else comes is their screen.
  take(id, stream) {
    const tile = this.persons.get(id) ?? this.make(id);
    const video = tile.querySelector("video");
    if (video?.srcObject === stream || this.streams?.get(stream.id)) return;
    (this.streams ??= new Map()).set(stream.id, stream);
    stream.addEventListener("removetrack", () => this.drop(id, stream));
    if (!video || !isAlive(video.srcObject)) {
      video?.remove();
      tile.prepend(makeVideo(stream));
    }
    this.show();
  }

  drop(id, stream) {
    if (stream.getTracks().length) return;
    this.streams.delete(stream.id);
    for (const video of this.people.querySelectorAll("video")) if (video.srcObject === stream) video.srcObject = null;
    this.show();
  }

  showScreen(id, streamId) {
    const known = this.screens.get(id);
    const stream = this.streams?.get(streamId);
    if (known && known.dataset.stream !== streamId) {
      known.remove();
      this.screens.delete(id);
    }
    if (!stream || this.screens.has(id)) return;
    const tile = this.template.content.firstElementChild.cloneNode(true);
    const name = this.call.others.get(id)?.name ?? "";
    tile.classList.add("call__person--screen");
    tile.dataset.stream = streamId;
    tile.querySelector("[data-name]").textContent = say("screen_of", { name });
    tile.querySelector("[data-state-word]").remove();
    tile.prepend(makeVideo(stream));
    this.people.prepend(tile);
    this.screens.set(id, tile);
    announce(say("shares_screen", { name }));
  }

  // Who speaks, as loud as their sound came in: no need to hear it here a second time.
  listen() {
    for (const [id, peer] of this.call.peers) {
      const heard = peer.connection.getReceivers().filter(({ track }) => track.kind === "audio");
      const levels = heard.flatMap((each) => each.getSynchronizationSources().map(({ audioLevel }) => audioLevel ?? 0));
      const speaks = this.presence.of(id).microphone && Math.max(0, ...levels) > HEARD_FROM;
      this.persons.get(id)?.toggleAttribute("data-speaks", speaks);
      if (speaks && this.speaker !== id) {
        const isStill = this.persons.get(this.speaker)?.hasAttribute("data-speaks");
        if (!isStill) this.speaker = id;
      }
    }
    if (this.isSpeakerView) this.arrange();
  }

  get shown() {
    return [...this.screens.values(), ...this.persons.values(), ...(this.own.hidden ? [] : [this.own])];
  }

  get large() {
    const [screen] = this.screens.values();
    const [first] = this.persons.values();
    if (screen) return screen;
    if (this.persons.size === 1) return first;
    return this.isSpeakerView ? this.persons.get(this.speaker) ?? first ?? null : null;
  }

  arrange() {
    this.own.hidden = this.hidesOwn;
    const { large, shown } = this;
    for (const tile of this.people.children) tile.classList.toggle("is-large", tile === large);
    const small = shown.filter((tile) => tile !== large).length;
    const isPair = large && small === 1 && !this.own.hidden;
    this.people.dataset.layout = !large ? "grid" : isPair || !small ? "pair" : "stage";
    this.people.style.setProperty("--columns", String(large ? Math.max(1, small) : this.columnsFor(shown.length)));
  }

  columnsFor(count) {
    const { clientWidth: width, clientHeight: height } = this.people;
    const sizes = Array.from({ length: Math.max(1, count) }, (_, index) => {
      const columns = index + 1;
      return Math.min(width / columns, (height / Math.ceil(count / columns)) * SHAPE);
    });
    return sizes.indexOf(Math.max(...sizes)) + 1;
  }
}

function makeVideo(stream) {
  const video = document.createElement("video");
  Object.assign(video, { autoplay: true, playsInline: true, srcObject: stream });
  return video;
}

function isAlive(stream) {
  return Boolean(stream?.getTracks().some((track) => track.readyState === "live"));
}

function initials(name) {
  return name.split(/\s+/).slice(0, 2).map((part) => [...part][0] ?? "").join("").toUpperCase();
}
