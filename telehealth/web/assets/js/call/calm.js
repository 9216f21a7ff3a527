// The breathing exercise in the waiting room: a circle that grows and shrinks, for whoever switches it on.
export function startCalm(place) {
  const calm = place.querySelector("[data-calm]");
  const button = place.querySelector("[data-calm-turn]");
  button?.addEventListener("click", () => button.setAttribute("aria-pressed", String(calm.classList.toggle("is-moving"))));
}
