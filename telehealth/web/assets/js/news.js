// Whoever wants it hears, or is shown, that something new waits. Each browser keeps for itself what is wanted there, and
// permission to show it is asked for on a click alone. What is shown says nothing of whom or what: it lights up for others.
const SOUND = "news_sound";
const SHOWN = "news_shown";
const RANG_AT = "news_rang_at";
const RESTS_MS = 5_000; // Of several tabs one rings.

const isOn = (name) => { try { return localStorage.getItem(name) === "1"; } catch { return false; } };
const mayShow = () => "Notification" in window && Notification.permission === "granted";

export function wantsNews() {
  return isOn(SOUND) || (isOn(SHOWN) && mayShow());
}

export function tellOfNews() {
  if (isOn(SOUND) && Date.now() - Number(localStorage.getItem(RANG_AT)) > RESTS_MS) ring();
  if (isOn(SHOWN) && mayShow() && document.hidden) {
    const shown = new Notification("Something waits at the desk", { tag: "desk" });
    shown.onclick = () => { window.focus(); shown.close(); };
  }
}

export function startNews() {
  const place = document.querySelector("[data-news-settings]");
  if (!place) return;
  const [sound, shown] = [SOUND, SHOWN].map((name) => place.querySelector(`[name="${name}"]`));
  const said = place.querySelector("[data-news-said]");
  place.hidden = false;
  sound.checked = isOn(SOUND);
  shown.checked = isOn(SHOWN) && mayShow();
  sound.addEventListener("change", () => { keep(SOUND, sound.checked); if (sound.checked) ring(); });
  shown.addEventListener("change", async () => {
    const granted = !shown.checked || ("Notification" in window && (await Notification.requestPermission()) === "granted");
    if (!granted) shown.checked = false;
    said.textContent = granted ? "" : "This browser does not allow it. Its settings for this site say why.";
    keep(SHOWN, shown.checked);
  });
}

function keep(name, value) {
  try { localStorage.setItem(name, value ? "1" : "0"); } catch { /* A browser that keeps nothing keeps this neither. */ }
}

// Two soft tones, made here: no file, and nothing to load. Silent until somebody has clicked on the page once.
function ring() {
  const Sounds = window.AudioContext ?? window.webkitAudioContext;
  if (!Sounds) return;
  try { localStorage.setItem(RANG_AT, String(Date.now())); } catch { /* The same. */ }
  const sounds = new Sounds();
  for (const [place, pitch] of [660, 880].entries()) {
    const [tone, volume] = [sounds.createOscillator(), sounds.createGain()];
    const from = sounds.currentTime + place * 0.18;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.08, from);
    volume.gain.exponentialRampToValueAtTime(0.0001, from + 0.16);
    tone.connect(volume).connect(sounds.destination);
    tone.start(from);
    tone.stop(from + 0.17);
  }
  setTimeout(() => sounds.close(), 1000);
}
