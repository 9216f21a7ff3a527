// Small kindnesses for forms: no double submit, focus on what needs attention, selects that apply at once.

export function startForms() {
  document.addEventListener("submit", guardSubmit);
  // Coming back with the Back button restores the page as it was left: with its buttons still busy.
  addEventListener("pageshow", () => document.querySelectorAll("[data-was]").forEach(release));
  document.querySelectorAll("select[data-autosubmit]").forEach(submitOnChange);
  focusFirstProblem();
}

function guardSubmit(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.querySelector("[data-was]")) return event.preventDefault();
  // Only posts change something; a search form may be sent again at will.
  if (form.method !== "post") return;
  const button = event.submitter ?? form.querySelector("[type=submit]");
  if (button) hold(button);
}

// Not `disabled`: that would drop the button's own name and value from the request, and lose the focus.
function hold(button) {
  button.dataset.was = button.textContent;
  button.setAttribute("aria-disabled", "true");
  if (button.dataset.busyLabel) button.textContent = button.dataset.busyLabel;
}

function release(button) {
  if (button.dataset.busyLabel) button.textContent = button.dataset.was;
  button.removeAttribute("aria-disabled");
  delete button.dataset.was;
}

// For a pointer, choosing is enough. A keyboard arrows through a select and changes it at each step, so there the
// "Update" button stays: out of sight until it has the focus.
function submitOnChange(select) {
  let byKeyboard = false;
  select.form?.querySelector("[data-update]")?.classList.add("visually-hidden");
  select.addEventListener("keydown", (event) => { byKeyboard = event.key !== "Enter"; });
  select.addEventListener("pointerdown", () => { byKeyboard = false; });
  select.addEventListener("change", () => { if (!byKeyboard) select.form?.requestSubmit(); });
}

function focusFirstProblem() {
  const problem = document.querySelector("[data-error-summary]")
    ?? document.querySelector(":is(input, select, textarea)[aria-invalid=true], fieldset[aria-invalid=true] input");
  problem?.focus();
}
