// The test of the network as the page shows it. It keeps nobody out: whoever goes in ends it.
import { testNetwork } from "./network.js";
import { say } from "./words.js";

export class NetworkTest {
  constructor({ place, one }) {
    Object.assign(this, { one, url: place.dataset.relaysUrl, csrf: place.dataset.csrf });
    one("test-network").addEventListener("click", () => this.start());
    if (place.dataset.hasRelays) this.start();
  }

  async start() {
    if (this.stopper) return;
    this.stopper = new AbortController();
    this.one("network-word").textContent = say("network_testing");
    const { code, ms } = await testNetwork({ url: this.url, csrf: this.csrf, signal: this.stopper.signal }).catch(() => ({ code: "stopped" }));
    this.stopper = null;
    this.one("network-word").textContent = code === "stopped" ? "" : say(`network_${code}`, { ms });
    this.one("network").dataset.result = code;
  }

  stop() {
    this.stopper?.abort();
  }
}
