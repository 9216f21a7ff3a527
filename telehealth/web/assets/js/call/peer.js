// The connection to one other device, by perfect negotiation (W3C WebRTC, section 10.7): both may make offers at any time, and
// when two cross, the polite one gives way. Lost connections are mended by an ICE restart.
const MENDS_AFTER_MS = 2_000;

export class Peer {
  constructor({ isPolite, ice, send, onStream, onState, onTold }) {
    Object.assign(this, { isPolite, send, onStream, onState, onTold });
    this.isMakingOffer = this.ignoresOffer = false;
    const connection = (this.connection = new RTCPeerConnection({ iceServers: ice }));
    // Both ends make it under the same number, so it is there without being offered: chat, and what is on and off.
    this.channel = connection.createDataChannel("told", { negotiated: true, id: 0 });
    this.channel.addEventListener("message", ({ data }) => this.hear(data));
    this.channel.addEventListener("open", () => this.onState(this.state));
    connection.addEventListener("negotiationneeded", () => this.offer());
    connection.addEventListener("icecandidate", ({ candidate }) => this.send({ candidate }));
    connection.addEventListener("track", ({ track, streams }) => this.onStream(streams[0] ?? new MediaStream([track]), track));
    connection.addEventListener("connectionstatechange", () => this.look());
  }

  get state() {
    return this.connection.connectionState;
  }

  look() {
    clearTimeout(this.mending);
    if (this.state === "failed") this.mend();
    if (this.state === "disconnected") this.mending = setTimeout(() => this.mend(), MENDS_AFTER_MS);
    this.onState(this.state);
  }

  setIce(ice) {
    if (this.state !== "closed") this.connection.setConfiguration({ ...this.connection.getConfiguration(), iceServers: ice });
  }

  mend() {
    if (this.state !== "closed") this.connection.restartIce();
  }

  async offer() {
    try {
      this.isMakingOffer = true;
      await this.connection.setLocalDescription();
      this.send({ description: this.connection.localDescription });
    } catch (problem) {
      if (this.state !== "closed") throw problem;
    } finally {
      this.isMakingOffer = false;
    }
  }

  async take({ description, candidate }) {
    const { connection } = this;
    if (description) {
      const crosses = description.type === "offer" && (this.isMakingOffer || connection.signalingState !== "stable");
      this.ignoresOffer = !this.isPolite && crosses;
      if (this.ignoresOffer) return;
      await connection.setRemoteDescription(description);
      if (description.type !== "offer") return;
      await connection.setLocalDescription();
      this.send({ description: connection.localDescription });
    } else if (candidate !== undefined) {
      try {
        await connection.addIceCandidate(candidate ?? undefined);
      } catch (problem) {
        if (!this.ignoresOffer) throw problem;
      }
    }
  }

  // Send the tracks of these streams, and no others.
  show(streams) {
    const wanted = new Map(streams.flatMap((stream) => stream.getTracks().map((track) => [track, stream])));
    for (const sender of this.connection.getSenders()) {
      if (sender.track && !wanted.delete(sender.track)) this.connection.removeTrack(sender);
    }
    for (const [track, stream] of wanted) this.connection.addTrack(track, stream);
  }

  // Another camera or microphone in place of the one that is sent: nothing is negotiated for it.
  replace(before, track) {
    const sender = this.connection.getSenders().find((each) => each.track === before);
    return sender?.replaceTrack(track);
  }

  tell(what) {
    if (this.channel.readyState === "open") this.channel.send(JSON.stringify(what));
  }

  hear(data) {
    try {
      this.onTold(JSON.parse(data));
    } catch {
      // Not from a page of ours: nothing to be done with it.
    }
  }

  close() {
    clearTimeout(this.mending);
    this.connection.close();
  }
}
