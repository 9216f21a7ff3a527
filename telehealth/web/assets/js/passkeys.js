// Passkeys. The page carries a question for the browser; what it answers travels in the form like anything typed. Where no
// script runs, or no passkeys are, the form says what to do instead.
const SAID = {
  NotAllowedError: "Nothing was shown in time, or you cancelled. Please try again.",
  InvalidStateError: "This device has a passkey for you already.",
  SecurityError: "Passkeys work only at the usual address of this service. Please open that.",
};
const OTHERWISE = "Your browser could not do that. Please try again, or go on without a passkey.";

export function startPasskeys() {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  document.querySelectorAll("form[data-passkey]").forEach(start);
}

function start(form) {
  form.querySelector("[data-without-passkeys]").hidden = true;
  form.querySelector("[data-with-passkeys]").hidden = false;
  form.addEventListener("submit", (event) => {
    const name = form.querySelector("[name=name]");
    // Without a name nothing is made: the server says that one is needed.
    if (answerOf(form).value || name?.value.trim() === "") return;
    event.preventDefault();
    ask(form, event.submitter);
  });
}

function answerOf(form) {
  return form.querySelector("[name=passkey]");
}

async function ask(form, button) {
  const problem = form.querySelector("[data-passkey-problem]");
  problem.hidden = true;
  try {
    const publicKey = decode(JSON.parse(form.dataset.question));
    const answer = await navigator.credentials[form.dataset.passkey]({ publicKey });
    answerOf(form).value = JSON.stringify(encode(answer));
    form.requestSubmit(button);
  } catch (error) {
    problem.textContent = SAID[error.name] ?? OTHERWISE;
    problem.hidden = false;
  }
}

// In JSON bytes are base64url (WebAuthn 3, sections 5.1.9 and 5.1.10); newer browsers could do this by themselves.
function decode(question) {
  const described = (each) => ({ ...each, id: toBytes(each.id) });
  const { challenge, user, allowCredentials = [], excludeCredentials = [] } = question;
  return {
    ...question,
    challenge: toBytes(challenge),
    ...(user && { user: described(user) }),
    allowCredentials: allowCredentials.map(described),
    excludeCredentials: excludeCredentials.map(described),
  };
}

function encode({ id, rawId, type, response }) {
  const said = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (response[name]) said[name] = toText(response[name]);
  return { id, rawId: toText(rawId), type, response: said };
}

function toBytes(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function toText(bytes) {
  const letters = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
