// What each of us has on and off, told from browser to browser: to everybody when it changes, to newcomers when they connect.
export class Presence {
  constructor({ call, media, onChange }) {
    Object.assign(this, { call, media, onChange });
    this.known = new Map();
    this.told = new WeakSet();
  }

  get own() {
    const { microphone, camera, screen } = this.media;
    return { kind: "on", microphone: isOn(microphone), camera: isOn(camera), screen: screen?.id ?? "" };
  }

  of(id) {
    return this.known.get(id) ?? { microphone: true, camera: true, screen: "" };
  }

  tell() {
    this.call.tell(this.own);
    this.onChange();
  }

  show() {
    for (const peer of this.call.peers.values()) {
      if (this.told.has(peer) || peer.channel.readyState !== "open") continue;
      this.told.add(peer);
      peer.tell(this.own);
    }
    for (const id of this.known.keys()) if (!this.call.peers.has(id)) this.known.delete(id);
  }

  hear(id, what) {
    if (what.kind !== "on") return;
    this.known.set(id, { microphone: what.microphone === true, camera: what.camera === true, screen: String(what.screen ?? "") });
    this.onChange();
  }
}

function isOn(track) {
  return Boolean(track?.enabled) && track.readyState === "live";
}
