// Which camera, microphone and speaker: before the call and in it, where another one takes the place of the one that is sent.
import { say } from "./words.js";

const KINDS = { camera: "video", microphone: "audio", speaker: "audio" };
const LISTED_AS = { camera: "videoinput", microphone: "audioinput", speaker: "audiooutput" };
const LOOKS_EVERY_MS = 120;
const HEARD_FROM = 0.04;
const TONE_S = 1;

export class Devices {
  constructor({ one, call, media, presence, onOwn }) {
    Object.assign(this, { one, call, media, presence, onOwn });
    this.box = one("devices");
    this.word = one("device-word");
    this.canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;
    for (const kind of Object.keys(KINDS)) this.select(kind).addEventListener("change", () => this.choose(kind));
    one("tone").addEventListener("click", () => this.playTone());
    navigator.mediaDevices?.addEventListener?.("devicechange", () => this.list());
    setInterval(() => this.look(), LOOKS_EVERY_MS);
  }

  select(kind) {
    return this.box.querySelector(`#device-${kind}`);
  }

  stand(place) {
    place.append(this.box);
  }

  // Names are told only after somebody has let us use one.
  async list() {
    const found = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    for (const kind of Object.keys(KINDS)) {
      const known = found.filter((each) => each.kind === LISTED_AS[kind] && each.label);
      const one = this.box.querySelector(`[data-device=${kind}]`);
      one.hidden = !known.length || (kind === "speaker" && !this.canChooseSpeaker);
      const options = known.map(({ label, deviceId }) => new Option(label, deviceId));
      if (kind === "speaker" && !known.some(({ deviceId }) => deviceId === "default")) options.unshift(new Option(say("usual_speaker"), ""));
      this.select(kind).replaceChildren(...options);
      this.select(kind).value = this.current(kind) ?? options[0]?.value ?? "";
    }
  }

  current(kind) {
    if (kind === "speaker") return this.speaker;
    const track = kind === "camera" ? this.media.camera : this.media.microphone;
    return track?.getSettings?.().deviceId;
  }

  async choose(kind) {
    const select = this.select(kind);
    const name = select.selectedOptions[0]?.textContent ?? "";
    this.word.textContent = "";
    try {
      if (kind === "speaker") await this.speakThrough(select.value);
      else await this.take(KINDS[kind], select.value);
      this.word.textContent = say("device_changed", { name });
    } catch {
      this.word.textContent = say("device_fails");
      await this.list();
    }
  }

  async take(kind, deviceId) {
    const { before, track, failure } = await this.media.choose(kind, deviceId);
    if (before) await this.call.replace(before, track);
    else this.call.show(this.media.streams);
    this.onOwn();
    this.presence.tell();
    if (failure) throw failure;
  }

  async speakThrough(deviceId) {
    this.speaker = deviceId;
    for (const video of document.querySelectorAll("[data-people] video:not([data-own])")) await this.lead(video);
  }

  // Also whoever comes later is heard through the chosen one.
  async lead(video) {
    if (this.speaker !== undefined && this.canChooseSpeaker && video.sinkId !== this.speaker) await video.setSinkId(this.speaker);
  }

  show() {
    for (const video of document.querySelectorAll("[data-people] video:not([data-own])")) this.lead(video).catch(() => {});
  }

  get context() {
    return (this.sound ??= new AudioContext());
  }

  look() {
    const { microphone } = this.media;
    if (!this.box.offsetParent || !microphone || !window.AudioContext) return;
    if (this.measured !== microphone) this.measure(microphone);
    if (this.context.state === "suspended") this.context.resume().catch(() => {});
    this.meter.getFloatTimeDomainData(this.samples);
    const level = Math.min(1, Math.max(...this.samples.map(Math.abs)) * 1.5);
    this.one("level").value = level;
    if (level > HEARD_FROM && !this.isHeard) this.one("heard").textContent = say("we_hear_you");
    this.isHeard ||= level > HEARD_FROM;
  }

  measure(microphone) {
    this.measured = microphone;
    this.isHeard = false;
    this.one("heard").textContent = say("say_something");
    this.source?.disconnect();
    this.meter = this.context.createAnalyser();
    this.samples = new Float32Array(this.meter.fftSize);
    this.source = this.context.createMediaStreamSource(new MediaStream([microphone]));
    this.source.connect(this.meter);
  }

  async playTone() {
    const audio = new Audio();
    const out = this.context.createMediaStreamDestination();
    const tone = this.context.createOscillator();
    const volume = new GainNode(this.context, { gain: 0.2 });
    tone.frequency.value = 440;
    tone.connect(volume).connect(out);
    audio.srcObject = out.stream;
    this.word.textContent = say("tone_plays");
    await this.context.resume();
    await this.lead(audio).catch(() => {});
    tone.start();
    tone.stop(this.context.currentTime + TONE_S);
    await audio.play().catch(() => {});
  }
}
