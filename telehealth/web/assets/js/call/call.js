// Who is in the call, and a connection to each of them. Whoever loads the page anew comes with another device number, and gets
// a new connection; what an earlier device of theirs has said is passed over.
import { Line, post } from "./line.js";
import { Peer } from "./peer.js";
import { sayName } from "./words.js";

const KEPT = "call-key:";

export class Call {
  constructor({ urls, csrf, onChange, onStream, onTold, onTrouble, onEnd }) {
    Object.assign(this, { urls, csrf, onChange, onStream, onTold });
    this.peers = new Map();
    this.others = new Map();
    this.streams = [];
    this.line = new Line({
      exchangeUrl: urls.exchange, doUrl: urls.do, csrf, onTrouble,
      onNews: (news) => this.take(news),
      onEnd: (code) => { this.closeAll(); onEnd(code); },
    });
    addEventListener("online", () => { this.mendAll(); this.line.hurry(); });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.line.hurry(); });
  }

  // Come to the door, or back. Gives "" when we are there, and otherwise why not.
  async come({ takesOver = false } = {}) {
    const kept = KEPT + this.urls.come;
    const answer = await post(this.urls.come, this.csrf, { key: sessionStorage.getItem(kept) ?? "", takes_over: takesOver }).catch(() => null);
    if (!answer) return "no_network";
    const given = await answer.json().catch(() => ({}));
    if (!answer.ok) return given.code ?? "error";
    sessionStorage.setItem(kept, given.key); // For this window alone: it is the same device when it is loaded anew.
    this.closeAll();
    this.me = null;
    this.takeIce(given);
    this.line.open(given);
    return "";
  }

  async leave() {
    this.line.stop();
    this.closeAll();
    await this.line.do("leave");
  }

  do(deed, given) {
    return this.line.do(deed, given);
  }

  show(streams) {
    this.streams = streams;
    for (const peer of this.peers.values()) peer.show(streams);
  }

  replace(before, track) {
    return Promise.all([...this.peers.values()].map((peer) => peer.replace(before, track)));
  }

  tell(what) {
    for (const peer of this.peers.values()) peer.tell(what);
  }

  // What lets us through firewalls ends after a while; a call that lasts longer asks for it anew, and uses it when a connection
  // has to be found again.
  takeIce({ ice, ice_seconds: seconds }) {
    this.ice = ice;
    this.iceEnds = Date.now() + seconds * 1_000;
    for (const peer of this.peers.values()) peer.setIce(ice);
  }

  take(news) {
    this.me = news.me;
    if (news.ice) this.takeIce(news);
    this.line.renewsIce = Date.now() >= this.iceEnds;
    for (const each of news.others) each.name = sayName(each);
    this.others = new Map(news.others.map((each) => [each.id, each]));
    this.meet(news.others.filter((each) => each.state === "admitted"));
    for (const signal of news.signals) this.hear(signal);
    this.choosePace();
    this.onChange(news);
  }

  meet(inside) {
    const here = new Map(inside.map((each) => [each.id, each.device]));
    for (const [id, peer] of this.peers) if (here.get(id) !== peer.device) this.part(id);
    if (this.me.state !== "admitted") return;
    for (const other of inside) if (!this.peers.has(other.id)) this.connect(other);
  }

  connect(other) {
    const peer = new Peer({
      isPolite: this.isPoliteTo(other),
      ice: this.ice,
      send: (message) => this.line.send(other.id, { ...message, device: other.device }),
      onStream: (stream, track) => this.onStream(other.id, stream, track),
      onTold: (what) => this.onTold(other.id, what),
      onState: () => { this.choosePace(); this.onChange(null); },
    });
    peer.device = other.device;
    peer.turn = Promise.resolve();
    this.peers.set(other.id, peer);
    peer.show(this.streams);
  }

  // The therapist is the one who does not give way; among others their ids decide.
  isPoliteTo(other) {
    const isTherapist = (caller) => caller.role === "therapist";
    if (isTherapist(this.me) !== isTherapist(other)) return isTherapist(other);
    return this.me.id < other.id;
  }

  hear({ sender, device, body }) {
    const peer = this.peers.get(sender);
    if (!peer || peer.device !== device) return;
    const message = parse(body);
    // One after the other: a candidate that comes while a description is being taken belongs behind it.
    if (message && message.device === this.me.device) peer.turn = peer.turn.then(() => peer.take(message)).catch(() => {});
  }

  choosePace() {
    const states = [...this.peers.values()].map((peer) => peer.state);
    const isFinding = states.some((state) => state !== "connected");
    const isAwaiting = !states.length || [...this.others.values()].some((each) => each.state === "waiting");
    this.line.setPace(isFinding ? "fast" : isAwaiting ? "awake" : "slow");
  }

  mendAll() {
    for (const peer of this.peers.values()) peer.mend();
  }

  part(id) {
    this.peers.get(id)?.close();
    this.peers.delete(id);
  }

  closeAll() {
    for (const id of [...this.peers.keys()]) this.part(id);
  }
}

function parse(body) {
  try {
    const message = JSON.parse(body);
    return message && typeof message === "object" ? message : null;
  } catch {
    return null;
  }
}
