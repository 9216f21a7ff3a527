// A button that says what it will do, as things are chosen now: "Hand over 2, ask 1". Without script it says so in general.
const ORDER = ["hand over", "ask", "cancel"];

export function startTally() {
  document.querySelectorAll("[data-tally]").forEach((button) => {
    const form = button.form;
    const say = () => { button.textContent = words(form) || button.dataset.tally; };
    form.addEventListener("change", say);
    // The Back button brings choices back after the page has begun.
    addEventListener("pageshow", say);
    say();
  });
}

function words(form) {
  const chosen = [...form.querySelectorAll("input[data-does]:checked")].map((input) => input.dataset.does);
  const counted = ORDER.map((does) => [does, chosen.filter((each) => each === does).length]).filter(([, count]) => count);
  const said = counted.map(([does, count]) => `${does} ${count}`).join(", ");
  return said.charAt(0).toUpperCase() + said.slice(1);
}
