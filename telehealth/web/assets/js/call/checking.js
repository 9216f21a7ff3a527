// The page on which somebody tries their camera, microphone, speaker and network, without a call.
import { Advice } from "./advice.js";
import { Devices } from "./devices.js";
import { Media } from "./media.js";
import { NetworkTest } from "./nettest.js";
import { startTone } from "./tone.js";

export function startCheck(place) {
  const all = (name) => [...place.querySelectorAll(`[data-${name}]`)];
  const one = (name) => place.querySelector(`[data-${name}]`);
  const media = new Media();
  const nobody = { call: { replace() {}, show() {} }, presence: { tell() {} } };
  const devices = new Devices({ one, media, ...nobody, onOwn: showOwn });
  const advice = new Advice({ place, one, all, media, onWord });
  startTone({ one });
  new NetworkTest({ place, one });

  function onWord(sentence) {
    one("trouble").hidden = !sentence;
    one("trouble").textContent = sentence;
  }

  function showOwn() {
    for (const each of all("own")) each.srcObject = media.shown;
    one("own-off").hidden = Boolean(media.camera);
    devices.list();
  }

  place.hidden = false;
  media.open().then((trouble) => {
    showOwn();
    return advice.look(trouble);
  });
}
