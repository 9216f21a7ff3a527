// A question before what cannot be taken back. Gives the name of the answer; empty for Escape.
export function ask(dialog, question, answers) {
  dialog.querySelector("h2").textContent = question;
  dialog.querySelector(".buttons").replaceChildren(...answers.map(({ name, text, kind }) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: text, className: `button button--${kind ?? "secondary"}` });
    button.addEventListener("click", () => dialog.close(name));
    return button;
  }));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const settle = () => {
      if (dialog.open) return; // The end of the question before this one, told late.
      dialog.removeEventListener("close", settle);
      resolve(dialog.returnValue);
    };
    dialog.addEventListener("close", settle);
  });
}
