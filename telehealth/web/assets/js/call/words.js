// What the page says, in the language of whoever reads it: the words come with the page.
const table = JSON.parse(document.querySelector("[data-call-words]")?.textContent ?? "{}");

export function say(name, given = {}) {
  return (table[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => given[key] ?? "");
}

// Somebody's name as everybody reads it: of a guest with as what they were invited.
export function sayName({ name, guest_kind: kind }) {
  return kind && has(`guest_${kind}`) ? `${name} (${say(`guest_${kind}`)})` : name;
}

export function has(name) {
  return name in table;
}
