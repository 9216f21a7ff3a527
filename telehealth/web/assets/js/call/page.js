// The page of the room: which stage is shown, and what its parts do there.
import { announce } from "../announce.js";
import { Advice } from "./advice.js";
import { askAfter } from "./after.js";
import { startCalm } from "./calm.js";
import { Call } from "./call.js";
import { Captions } from "./captions.js";
import { Chat } from "./chat.js";
import { Comforts } from "./comforts.js";
import { Conducting } from "./conducting.js";
import { Controls } from "./controls.js";
import { Devices } from "./devices.js";
import { DoorList } from "./door.js";
import { Freedom } from "./freedom.js";
import { Media } from "./media.js";
import { NetworkTest } from "./nettest.js";
import { Panels } from "./panels.js";
import { Places } from "./places.js";
import { Presence } from "./presence.js";
import { Tiles } from "./tiles.js";
import { Timer } from "./timer.js";
import { startTone } from "./tone.js";
import { has, say } from "./words.js";

const LOOKS_AT_MOST_EVERY_MS = 500;

export function startCall(place) {
  const all = (name) => [...place.querySelectorAll(`[data-${name}]`)];
  const one = (name) => place.querySelector(`[data-${name}]`);
  const isConductor = Boolean(place.dataset.conducts);
  const media = new Media();
  let lookedAt = 0;
  const call = new Call({
    urls: { come: place.dataset.comeUrl, exchange: place.dataset.exchangeUrl, do: place.dataset.doUrl },
    csrf: place.dataset.csrf,
    onChange: (news) => { if (!news || showStage(news)) showParts(news); },
    onStream: (id, stream) => room.tiles.take(id, stream),
    onTold: hear,
    onTrouble: (isLost) => tell(isLost ? say("line_lost") : ""),
    onEnd: end,
  });
  const room = { place, one, all, isConductor, media, call, onWord: tell, onOwn: showOwn };
  room.presence = new Presence({ call, media, onChange: () => showParts(null) });
  room.tiles = new Tiles(room);
  room.panels = new Panels({ place, onChange: (name) => { room.chat.onPanel(name); room.places?.onPanel(name); } });
  room.chat = new Chat(room);
  room.devices = new Devices(room);
  room.comforts = new Comforts(room);
  room.conducting = isConductor ? new Conducting(room) : null;
  room.places = isConductor ? new Places(room) : null;
  const controls = new Controls(room);
  const advice = new Advice({ ...room, onWord: complain });
  const network = one("network") && new NetworkTest(room);
  startTone(room);
  const parts = [room.presence, room.tiles, controls, room.chat, room.devices, room.comforts, new Captions(room), new Timer(room)];
  if (isConductor) parts.push(new DoorList(room), room.conducting, room.places);
  parts.push(new Freedom(room)); // It marks whom the door and the pictures show.

  function showParts(news) {
    for (const part of parts) part.show(news);
  }

  function stage(name) {
    const before = place.dataset.at;
    for (const each of all("stage")) each.hidden = each.dataset.stage !== name;
    if (before === name) return;
    place.dataset.at = document.body.dataset.at = name;
    room.devices.stand(one(name === "inside" ? "devices-inside" : "devices-before"));
    room.comforts.stayAwake(name === "inside" || name === "waiting");
    if (before) place.querySelector(`[data-stage=${name}] h2`).focus();
    if (before) scrollTo(0, 0);
    if (name === "inside" && !call.peers.size) announce(say("alone"));
  }

  // In the room, or before it.
  function tell(sentence) {
    if (place.dataset.at === "before") return complain(sentence);
    if (one("word").textContent !== sentence) one("word").textContent = sentence;
  }

  function complain(sentence) {
    one("trouble").hidden = !sentence;
    one("trouble").textContent = sentence;
  }

  async function goIn(takesOver) {
    network?.stop();
    const why = await call.come({ takesOver });
    complain(why && say(has(`why_${why}`) ? `why_${why}` : "why_error"));
    one("take-over").hidden = why !== "open_elsewhere";
    if (why) return stage("before");
    call.show(media.streams);
  }

  // Whether they are still there.
  function showStage({ me, call: state }) {
    if (me.state === "removed" || (me.state === "left" && state.is_over)) {
      end(me.state === "removed" ? "removed" : "over");
      return false;
    }
    if (me.state === "left") {
      void goIn(false); // Asleep for too long: back in.
      return false;
    }
    stage(me.state === "admitted" ? "inside" : "waiting");
    const note = one("note");
    note.hidden = !state.note;
    if (note.textContent !== state.note) note.textContent = state.note;
    return true;
  }

  function hear(id, what) {
    if (!what || typeof what !== "object") return;
    if (what.kind === "look") look();
    room.presence.hear(id, what);
    room.chat.hear(id, what);
  }

  // Something has changed at our server; however often others say so, it is not asked more often than usual.
  function look() {
    if (Date.now() - lookedAt < LOOKS_AT_MOST_EVERY_MS) return;
    lookedAt = Date.now();
    call.line.hurry();
  }

  function showOwn() {
    for (const each of all("own")) each.srcObject = media.shown;
    room.devices.list();
    showParts(null);
  }

  async function leave() {
    const how = room.conducting ? await room.conducting.askHowToLeave() : "leave";
    if (!how) return;
    if (how === "end") await call.do("end_for_all");
    else await call.leave();
    end("");
  }

  function end(code) {
    call.line.stop();
    call.closeAll();
    if (one("asking").open) one("asking").close("");
    room.panels.close();
    showParts(null);
    one("farewell").textContent = say(has(`why_${code}`) ? `why_${code}` : "left");
    stage("left");
    if (isConductor) void askAfter(one("after"));
  }

  for (const each of all("go-in")) each.addEventListener("click", () => goIn(false));
  one("take-over").addEventListener("click", () => goIn(true));
  one("leave").addEventListener("click", leave);
  addEventListener("pagehide", () => { call.line.stop(); });

  startCalm(place);
  place.hidden = false;
  stage("before");
  media.open().then((trouble) => {
    showOwn();
    return advice.look(trouble);
  });
}
