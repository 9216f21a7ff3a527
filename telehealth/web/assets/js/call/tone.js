// The tone that tries the speaker, as it is seen: a sign while it plays, and a question afterwards.
const SHOWN_MS = 1_000;

export function startTone({ one }) {
  const show = (name, isShown) => { one(name).hidden = !isShown; };
  one("tone").addEventListener("click", () => {
    show("tone-silent", false);
    show("tone-sign", true);
    setTimeout(() => { show("tone-sign", false); show("tone-asked", true); }, SHOWN_MS);
  });
  one("tone-yes").addEventListener("click", () => { show("tone-asked", false); one("tone").focus(); });
  one("tone-no").addEventListener("click", () => { show("tone-asked", false); show("tone-silent", true); one("tone").focus(); });
}
