// The page of the room: which stage is shown, who is seen, and what the buttons do.
import { announce } from "../announce.js";
import { Call } from "./call.js";
import { Media } from "./media.js";

const TROUBLE = {
  unsupported: "This browser cannot do video here. Please open the link in Safari, Chrome, Firefox or Edge.",
  refused: "Your browser does not let us use camera or microphone. You can allow it beside the address, and load this page anew; or go in without.",
  missing: "We found no camera or no microphone. You can go in without.",
  busy: "Another program uses your camera or microphone. Close it and load this page anew; or go in without.",
};
const WHY_NOT = {
  open_elsewhere: "You are in this room with another device or in another window. You can go on here instead.",
  room_closed: "The room is not open now.",
  over: "The therapist has ended the call. The room stays open for a while.",
  removed: "The therapist has ended your visit.",
  no_network: "We cannot reach our server. Please look at your connection, and try again.",
};

export function startCall(place) {
  const all = (name) => [...place.querySelectorAll(`[data-${name}]`)];
  const one = (name) => place.querySelector(`[data-${name}]`);
  const media = new Media();
  const tiles = new Map();
  let word = "";

  const call = new Call({
    urls: { come: place.dataset.comeUrl, exchange: place.dataset.exchangeUrl, do: place.dataset.doUrl },
    csrf: place.dataset.csrf,
    onChange: (news) => { if (news) show(news); showPeople(); },
    onStream: showStream,
    onTold: () => {},
    onTrouble: (isLost) => say(isLost ? "The connection to our server is lost. We are trying again; who is connected stays so." : ""),
    onEnd: (code) => end(code),
  });

  function stage(name) {
    for (const each of all("stage")) each.hidden = each.dataset.stage !== name;
    place.dataset.at = name;
  }

  function say(sentence) {
    if (sentence === word) return;
    word = one("word").textContent = sentence;
  }

  async function goIn(takesOver) {
    const why = await call.come({ takesOver });
    const trouble = one("trouble");
    trouble.hidden = !why;
    trouble.textContent = WHY_NOT[why] ?? "That did not work. Please try again.";
    one("take-over").hidden = why !== "open_elsewhere";
    if (why) return stage("before");
    call.show(media.streams);
    await keepAwake();
  }

  function show({ me, call: state, others }) {
    if (me.state === "removed" || (me.state === "left" && state.is_over)) return end(me.state === "removed" ? "removed" : "over");
    if (me.state === "left") return void goIn(false); // Asleep for too long: back in.
    stage(me.state === "admitted" ? "inside" : "waiting");
    const note = one("note");
    note.hidden = !state.note;
    note.textContent = state.note;
    if (!place.dataset.conducts) return;
    const waiting = others.filter((each) => each.state === "waiting");
    const known = one("door-list").dataset.ids ?? "";
    const ids = waiting.map((each) => each.id).join(" ");
    one("door").hidden = !waiting.length;
    if (ids === known) return;
    if (ids.length > known.length) announce(`${waiting.at(-1).name} is in the waiting room.`);
    one("door-list").dataset.ids = ids;
    one("door-list").replaceChildren(...waiting.map(showWaiting));
  }

  function showWaiting({ id, name }) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--secondary";
    button.textContent = `Let ${name} in`;
    button.addEventListener("click", () => call.do("let_in", { whom: id }));
    item.append(button);
    return item;
  }

  function showPeople() {
    for (const [id, tile] of tiles) {
      if (call.peers.has(id)) continue;
      tile.remove();
      tiles.delete(id);
    }
    for (const [id, peer] of call.peers) {
      const tile = tiles.get(id) ?? makeTile(id);
      tile.dataset.state = peer.state;
      tile.querySelector("p").textContent = call.others.get(id)?.name ?? "";
    }
  }

  function makeTile(id) {
    const tile = document.createElement("li");
    tile.className = "call__person";
    tile.append(document.createElement("p"));
    one("people").prepend(tile);
    tiles.set(id, tile);
    return tile;
  }

  function showStream(id, stream) {
    const tile = tiles.get(id) ?? makeTile(id);
    const known = [...tile.querySelectorAll("video")].find((video) => video.srcObject === stream);
    if (known) return;
    const video = document.createElement("video");
    Object.assign(video, { autoplay: true, playsInline: true, srcObject: stream });
    stream.addEventListener("removetrack", () => { if (!stream.getTracks().length) video.remove(); });
    tile.prepend(video);
  }

  function end(code) {
    call.line.stop();
    call.closeAll();
    showPeople();
    one("farewell").textContent = WHY_NOT[code] ?? "The room stays open for a while.";
    stage("left");
    one("go-in").focus();
  }

  async function toggle(button, track) {
    button.setAttribute("aria-pressed", String(media.toggle(track)));
  }

  async function toggleScreen() {
    const button = one("screen");
    try {
      if (media.screen) media.stopScreen();
      else await media.shareScreen(() => { button.setAttribute("aria-pressed", "false"); call.show(media.streams); });
    } catch {
      return; // They chose nothing.
    }
    button.setAttribute("aria-pressed", String(Boolean(media.screen)));
    call.show(media.streams);
  }

  for (const each of all("go-in")) each.addEventListener("click", () => goIn(false));
  one("take-over").addEventListener("click", () => goIn(true));
  one("microphone").addEventListener("click", ({ currentTarget }) => toggle(currentTarget, media.microphone));
  one("camera").addEventListener("click", ({ currentTarget }) => toggle(currentTarget, media.camera));
  one("screen").addEventListener("click", toggleScreen);
  one("leave").addEventListener("click", async () => { await call.leave(); end(""); });
  one("end")?.addEventListener("click", async () => { await call.do("end_for_all"); call.line.stop(); end(""); });
  one("let-all-in")?.addEventListener("click", () => call.do("let_in"));
  addEventListener("pagehide", () => { call.line.stop(); });

  place.hidden = false;
  stage("before");
  media.open().then((trouble) => {
    for (const each of all("own")) each.srcObject = media.own;
    if (!trouble) return;
    one("trouble").hidden = false;
    one("trouble").textContent = TROUBLE[trouble];
  });
}

async function keepAwake() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // Low on battery, or not allowed: the screen may go dark, and the page comes back by itself.
  }
}
