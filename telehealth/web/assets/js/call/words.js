// What the page says, in the language of whoever reads it: the words come with the page.
const table = JSON.parse(document.querySelector("[data-call-words]")?.textContent ?? "{}");

export function say(name, given = {}) {
  return (table[name] ?? name).replace(/\{(\w+)\}/g, (_, key) => given[key] ?? "");
}

export function has(name) {
  return name in table;
}
