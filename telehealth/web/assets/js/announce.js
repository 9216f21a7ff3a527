// Says a sentence through the polite live region that base.html keeps on every page.
// Emptied first, because the same text twice in a row is not spoken twice.
export function announce(sentence) {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  setTimeout(() => { region.textContent = sentence; }, 100);
}
