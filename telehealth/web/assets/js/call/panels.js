// What opens beside the pictures: one at a time, closed by its button, by Escape, or by what opened it.
export class Panels {
  constructor({ place, onChange }) {
    this.panels = new Map([...place.querySelectorAll("[data-panel]")].map((panel) => [panel.dataset.panel, panel]));
    this.onChange = onChange;
    for (const [name, panel] of this.panels) {
      this.opener(panel).addEventListener("click", () => (panel.hidden ? this.open(name) : this.close()));
      panel.querySelector("[data-close]").addEventListener("click", () => this.close());
    }
    place.addEventListener("keydown", (event) => { if (event.key === "Escape" && !event.target.closest("dialog")) this.close(); });
  }

  opener(panel) {
    return document.querySelector(`[aria-controls="${panel.id}"]`);
  }

  isOpen(name) {
    return !this.panels.get(name).hidden;
  }

  open(name) {
    for (const [each, panel] of this.panels) this.turn(panel, each === name);
    this.panels.get(name).querySelector("h2").focus();
    this.onChange(name);
  }

  close() {
    const open = [...this.panels.values()].find((panel) => !panel.hidden);
    if (!open) return;
    this.turn(open, false);
    this.opener(open).focus();
    this.onChange("");
  }

  turn(panel, isOpen) {
    panel.hidden = !isOpen;
    this.opener(panel).setAttribute("aria-expanded", String(isOpen));
  }
}
