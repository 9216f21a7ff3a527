// A short test of the network before the call: whether our relay is reached, how long the way there takes, whether much gets
// lost, and whether a picture would fit. Two connections in this very page, with nothing between them but the relay.
import { post } from "./line.js";

const FINDS_MS = 6_000;
const PINGS = 25;
const PING_EVERY_MS = 40;
const LAST_PING_MS = 700;
const CHUNK = 16_000;
const CHUNKS = 8;
const BULK_MS = 2_500;
const SLOW_MS = 300; // There and back; above it people talk into each other.
const LOST_FROM = 0.08;
const LEAST_KBITS = 400; // A small picture.

// Gives { code, ms }: "good", "sound" (a voice will do better than a picture), "blocked" (no relay is reached), "reached" (it
// is, and could not be measured), "server" (there is none to test: only our server was reached), "offline", "busy".
export async function testNetwork({ url, csrf, signal }) {
  const began = performance.now();
  const answer = await post(url, csrf, {}).catch(() => null);
  const ms = Math.round(performance.now() - began);
  if (!answer) return { code: "offline" };
  const { ice = [] } = answer.ok ? await answer.json().catch(() => ({})) : {};
  if (!answer.ok) return { code: "busy" };
  if (!ice.some(({ username }) => username) || !window.RTCPeerConnection) return { code: "server", ms };
  const loop = new Loop(ice, signal);
  try {
    return await loop.measure();
  } finally {
    loop.close();
  }
}

class Loop {
  constructor(ice, signal) {
    const configuration = { iceServers: ice, iceTransportPolicy: "relay" };
    this.ends = [new RTCPeerConnection(configuration), new RTCPeerConnection(configuration)];
    const [near, far] = this.ends;
    this.hasRelay = false;
    this.agreed = new Promise((resolve) => { this.agree = resolve; });
    for (const [one, other] of [[near, far], [far, near]]) {
      one.addEventListener("icecandidate", ({ candidate }) => {
        if (!candidate?.candidate) return;
        this.hasRelay = true;
        // Not before both know of each other; and too late once it was closed.
        this.agreed.then(() => other.addIceCandidate(candidate)).catch(() => {});
      });
    }
    this.quick = near.createDataChannel("quick", { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 });
    this.sure = near.createDataChannel("sure", { negotiated: true, id: 2 });
    const echo = far.createDataChannel("quick", { negotiated: true, id: 1, ordered: false, maxRetransmits: 0 });
    echo.addEventListener("message", ({ data }) => echo.send(data));
    this.taken = far.createDataChannel("sure", { negotiated: true, id: 2 });
    this.stopped = new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError"))));
    this.stopped.catch(() => {});
  }

  async measure() {
    if (!await this.open()) return { code: this.hasRelay ? "reached" : "blocked" };
    const { ms, lost } = await this.ping();
    const kbits = await this.fill();
    return { code: ms > SLOW_MS || lost > LOST_FROM || kbits < LEAST_KBITS ? "sound" : "good", ms, lost, kbits };
  }

  async open() {
    const [near, far] = this.ends;
    const isOpen = until(this.quick, "open").then(() => until(this.sure, "open")).then(() => true);
    await near.setLocalDescription();
    await far.setRemoteDescription(near.localDescription);
    await far.setLocalDescription();
    await near.setRemoteDescription(far.localDescription);
    this.agree();
    const isDone = until(near, "icegatheringstatechange", () => near.iceGatheringState === "complete");
    const noRelay = isDone.then(() => (this.hasRelay ? new Promise(() => {}) : false));
    return Promise.race([isOpen, noRelay, after(FINDS_MS).then(() => false), this.stopped]);
  }

  // What comes back has gone to the relay and back twice.
  async ping() {
    const times = [];
    this.quick.addEventListener("message", ({ data }) => times.push(performance.now() - Number(data)));
    for (let count = 0; count < PINGS; count += 1) {
      this.quick.send(String(performance.now()));
      await Promise.race([after(PING_EVERY_MS), this.stopped]);
    }
    await Promise.race([until(this.quick, "message", () => times.length === PINGS), after(LAST_PING_MS), this.stopped]);
    times.sort((one, other) => one - other);
    return { ms: Math.round((times[Math.floor(times.length / 2)] ?? Infinity) / 2), lost: 1 - times.length / PINGS };
  }

  async fill() {
    let bytes = 0;
    const began = performance.now();
    this.taken.binaryType = "arraybuffer";
    this.taken.addEventListener("message", ({ data }) => { bytes += data.byteLength; });
    for (let count = 0; count < CHUNKS; count += 1) this.sure.send(new Uint8Array(CHUNK));
    await Promise.race([until(this.taken, "message", () => bytes === CHUNK * CHUNKS), after(BULK_MS), this.stopped]);
    return (bytes * 8) / (performance.now() - began);
  }

  close() {
    for (const each of this.ends) each.close();
  }
}

function until(target, event, isTrue = () => true) {
  return new Promise((resolve) => {
    const look = () => {
      if (!isTrue()) return;
      target.removeEventListener(event, look);
      resolve();
    };
    target.addEventListener(event, look);
    if (event !== "open" ? event !== "message" && isTrue() : target.readyState === "open") look();
  });
}

function after(ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms); });
}
