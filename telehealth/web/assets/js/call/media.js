// Camera, microphone and screen. Whoever has no camera, or does not let us use it, comes with their voice; and without both
// they still see and hear.
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 }, facingMode: "user" };

export class Media {
  constructor() {
    this.own = new MediaStream();
    this.screen = null;
    this.trouble = "";
  }

  // Gives why not all of it works: "", "refused", "missing" or "busy".
  async open() {
    if (!navigator.mediaDevices?.getUserMedia) return (this.trouble = "unsupported");
    for (const wanted of [{ audio: SOUND, video: PICTURE }, { audio: SOUND }, { video: PICTURE }]) {
      try {
        const found = await navigator.mediaDevices.getUserMedia(wanted);
        for (const track of found.getTracks()) this.own.addTrack(track);
        return this.trouble;
      } catch (problem) {
        this.problem ??= problem;
        this.trouble ||= this.reasonOf(problem);
      }
    }
    return this.trouble;
  }

  reasonOf(problem) {
    return REASONS[problem.name] ?? "busy";
  }

  // Another microphone ("audio") or camera ("video") in place of the one before, on or off as that was. A phone opens no
  // second camera beside the first, so that one is closed first, and opened again where the other fails.
  async choose(kind, deviceId = "") {
    const before = kind === "audio" ? this.microphone : this.camera;
    const wanted = kind === "audio" ? SOUND : PICTURE;
    if (kind === "video") before?.stop();
    const which = (id) => ({ [kind]: id ? { ...wanted, deviceId: { exact: id } } : wanted });
    let failure = null;
    const found = await navigator.mediaDevices.getUserMedia(which(deviceId)).catch((problem) => {
      if (kind !== "video" || !before) throw problem;
      failure = problem;
      return navigator.mediaDevices.getUserMedia(which(before.getSettings().deviceId));
    });
    const [track] = found.getTracks();
    track.enabled = before?.enabled ?? true;
    if (before) this.own.removeTrack(before);
    before?.stop();
    this.own.addTrack(track);
    return { before, track, failure };
  }

  // A picture of nothing is never there: a page that waits for it never has finished loading.
  get shown() {
    return this.own.getTracks().length ? this.own : null;
  }

  get microphone() {
    return this.own.getAudioTracks()[0];
  }

  get camera() {
    return this.own.getVideoTracks()[0];
  }

  // Whether it is on now. Off, nothing but silence or black is sent.
  toggle(track) {
    if (!track) return false;
    track.enabled = !track.enabled;
    return track.enabled;
  }

  async shareScreen(onEnd) {
    this.screen = await navigator.mediaDevices.getDisplayMedia({ video: true });
    this.screen.getVideoTracks()[0].addEventListener("ended", () => { this.screen = null; onEnd(); });
  }

  stopScreen() {
    for (const track of this.screen?.getTracks() ?? []) track.stop();
    this.screen = null;
  }

  get streams() {
    return [this.own, this.screen].filter(Boolean);
  }

  close() {
    this.stopScreen();
    for (const track of this.own.getTracks()) {
      track.stop();
      this.own.removeTrack(track);
    }
  }
}

const REASONS = { NotAllowedError: "refused", NotFoundError: "missing", OverconstrainedError: "missing", NotReadableError: "busy" };
