// Says a sentence through the polite live region that base.html keeps on every page.
// Emptied first, because the same text twice in a row is not spoken twice. What comes at the same moment is said together.
let pending = [];

export function announce(sentence) {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  if (pending.push(sentence) > 1) return;
  setTimeout(() => { region.textContent = pending.join(" "); pending = []; }, 100);
}
