// The line to our server: one exchange after the other, each hands over what this device has to say to others and brings
// what they said. Nothing is held open. What got no answer is sent again under the same numbers, so it arrives once.
const PACES = { fast: 500, awake: 1_000, slow: 3_000 };
const MOST_AT_ONCE = 60;
const LARGEST_AT_ONCE = 100_000; // Letters: our server takes no more than half as much again.
const LONGEST_PAUSE_MS = 8_000;
const PATIENCE_MS = 10_000;

export class Line {
  constructor({ exchangeUrl, doUrl, csrf, onNews, onTrouble, onEnd }) {
    Object.assign(this, { exchangeUrl, doUrl, csrf, onNews, onTrouble, onEnd });
    this.pace = "fast";
    this.failures = 0;
    this.renewsIce = false;
  }

  // Begin anew with what coming gave this device.
  open({ caller, key }) {
    this.stop();
    Object.assign(this, { caller, key, queue: [], number: 0, after: 0, isOpen: true });
    this.ask();
  }

  stop() {
    this.isOpen = false;
    clearTimeout(this.timer);
  }

  send(to, message) {
    this.number += 1;
    this.queue.push({ to, number: this.number, body: JSON.stringify(message) });
    this.hurry();
  }

  // Ask now, or right after the exchange that is under way.
  hurry() {
    if (this.isAsking) this.isHurried = true;
    else if (this.isOpen) this.ask();
  }

  setPace(pace) {
    if (this.pace === pace) return;
    const isQuicker = PACES[pace] < PACES[this.pace];
    this.pace = pace;
    if (isQuicker) this.hurry();
  }

  async ask() {
    clearTimeout(this.timer);
    if (!this.isOpen || this.isAsking) return;
    this.isAsking = true;
    this.isHurried = false;
    const { key } = this;
    const sent = this.firstOfQueue();
    const after = this.after;
    const answer = await this.post(this.exchangeUrl, { after, sent, renews_ice: this.renewsIce }).catch(() => null);
    const news = answer?.ok ? await answer.json().catch(() => null) : null; // Half an answer is none.
    this.isAsking = false;
    if (!this.isOpen) return;
    if (key !== this.key) return this.ask(); // Opened anew meanwhile.
    if (news) {
      this.queue.splice(0, sent.length);
      this.after = news.last || 0;
      if (this.failures) this.onTrouble(false);
      this.failures = 0;
      this.onNews(news);
    } else if (answer && [401, 404, 409].includes(answer.status)) {
      this.stop();
      return this.onEnd((await answer.json().catch(() => ({}))).code ?? "");
    } else {
      this.failures += 1;
      if (this.failures === 2) this.onTrouble(true);
    }
    const pause = this.failures ? Math.min(PACES.fast * 2 ** this.failures, LONGEST_PAUSE_MS) : PACES[this.pace];
    this.timer = setTimeout(() => this.ask(), this.isHurried || this.after ? 0 : pause);
  }

  firstOfQueue() {
    let letters = 0;
    const tooMany = this.queue.findIndex((each) => (letters += JSON.stringify(each).length) > LARGEST_AT_ONCE);
    return this.queue.slice(0, tooMany < 0 ? MOST_AT_ONCE : Math.min(Math.max(tooMany, 1), MOST_AT_ONCE));
  }

  // One deed of this caller; it goes through also when the page is about to close.
  async do(deed, given = {}) {
    const answer = await this.post(this.doUrl, { do: deed, ...given }, { keepalive: true }).catch(() => null);
    this.hurry();
    return Boolean(answer?.ok);
  }

  post(url, given, options = {}) {
    return post(url, this.csrf, { caller: this.caller, key: this.key, ...given }, options);
  }
}

export function post(url, csrf, given, options = {}) {
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": csrf, Accept: "application/json" },
    body: JSON.stringify(given),
    signal: AbortSignal.timeout?.(PATIENCE_MS),
    ...options,
  });
}
