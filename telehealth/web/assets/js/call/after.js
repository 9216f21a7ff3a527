// How it went, asked of a therapist who leaves: what stands on the page behind the link, without its frame. Without an answer the
// link stays.
const PATIENCE_MS = 10_000;

export async function askAfter(place) {
  const address = `${place.dataset.after}?part=1`;
  const answer = await fetch(address, { signal: AbortSignal.timeout?.(PATIENCE_MS) }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  place.innerHTML = await answer.text(); // Our own page's part: what varies in it is escaped there.
}
