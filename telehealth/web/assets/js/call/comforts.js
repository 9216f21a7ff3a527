// What only some browsers offer: full screen, a small window over other programs, a blurred background, a screen that stays
// on. What is not there is not shown.
export class Comforts {
  constructor({ one, place, media, tiles }) {
    Object.assign(this, { one, place, media, tiles });
    this.offerViews();
    this.offerFullScreen();
    this.offerSmallWindow();
    one("blur").addEventListener("click", () => this.toggleBlur());
    document.addEventListener("visibilitychange", () => this.stayAwake());
  }

  offerViews() {
    this.one("speaker-view").addEventListener("click", () => {
      this.tiles.isSpeakerView = turn(this.one("speaker-view"));
      this.tiles.arrange();
    });
    this.one("hide-own").addEventListener("click", () => {
      this.tiles.hidesOwn = turn(this.one("hide-own"));
      this.tiles.arrange();
    });
  }

  offerFullScreen() {
    const button = this.one("full-screen");
    button.hidden = !document.fullscreenEnabled;
    button.addEventListener("click", () => {
      // The whole page, so that the numbers for a crisis stay within reach.
      const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
      change.catch(() => {});
    });
    document.addEventListener("fullscreenchange", () => press(button, Boolean(document.fullscreenElement)));
  }

  offerSmallWindow() {
    const button = this.one("small-window");
    button.hidden = !document.pictureInPictureEnabled;
    button.addEventListener("click", () => {
      const video = (this.tiles.large ?? this.tiles.people).querySelector("video:not([data-own])");
      const change = document.pictureInPictureElement ? document.exitPictureInPicture() : video?.requestPictureInPicture();
      change?.catch(() => {});
    });
    for (const [event, isOn] of [["enterpictureinpicture", true], ["leavepictureinpicture", false]]) {
      this.place.addEventListener(event, () => press(button, isOn), true);
    }
  }

  // Where the system does it by itself: ours would heat a phone and slow the call.
  show() {
    const choices = this.media.camera?.getCapabilities?.().backgroundBlur ?? [];
    this.one("blur").hidden = !(choices.includes(true) && choices.includes(false));
    press(this.one("blur"), this.media.camera?.getSettings?.().backgroundBlur === true);
  }

  async toggleBlur() {
    const backgroundBlur = this.one("blur").getAttribute("aria-pressed") !== "true";
    await this.media.camera.applyConstraints({ advanced: [{ backgroundBlur }] }).catch(() => {});
    this.show();
  }

  // The browser lets the screen go dark again whenever the page was not seen.
  async stayAwake(isInside = this.isInside) {
    this.isInside = isInside;
    if (!isInside) return void this.lock?.release().catch(() => {});
    if (document.hidden) return;
    try {
      this.lock = await navigator.wakeLock?.request("screen");
    } catch {
      // Low on battery, or not allowed: the screen may go dark, and the page comes back by itself.
    }
  }
}

function press(button, isOn) {
  button.setAttribute("aria-pressed", String(isOn));
}

function turn(button) {
  const isOn = button.getAttribute("aria-pressed") !== "true";
  press(button, isOn);
  return isOn;
}
