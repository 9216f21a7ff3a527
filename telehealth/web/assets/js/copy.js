// "Copy" buttons. They are hidden in the markup and appear only where they can work.
import { announce } from "./announce.js";

export function startCopyButtons() {
  if (!navigator.clipboard) return;
  document.querySelectorAll("button[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => copy(button));
  });
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    confirm(button, button.dataset.copiedLabel || "Copied");
  } catch {
    // Permission refused: the text is selected instead, ready for the person's own way of copying.
    source.select?.();
    announce("Could not copy. The text is selected.");
  }
}

function confirm(button, sentence) {
  const label = button.textContent;
  if (label === sentence) return;
  button.textContent = sentence;
  announce(sentence);
  setTimeout(() => { button.textContent = label; }, 2500);
}
