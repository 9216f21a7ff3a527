// Computes the contrast of every pair of colours that meet on a page, in both themes. Run with `npm run contrast`.
// WCAG 2.2: text 4.5 (1.4.3); edges of controls, the focus ring and marks that carry meaning 3 (1.4.11).
import { readFile } from "node:fs/promises";

const source = await readFile(new URL("./css/tokens.css", import.meta.url), "utf8");

const surfaces = ["paper", "card", "sunken"];
const text = [
  ...surfaces.flatMap((on) => ["ink", "ink-soft", "accent", "accent-strong", "danger"].map((ink) => [ink, on])),
  ["ink", "accent-soft"], ["ink-soft", "accent-soft"], ["accent", "accent-soft"], ["accent-strong", "accent-soft"],
  ["on-accent", "accent"], ["on-accent", "accent-strong"], ["on-danger", "danger"], ["on-danger", "danger-strong"],
  ...["success", "warning", "danger"].flatMap((kind) => [[kind, `${kind}-soft`], ["ink", `${kind}-soft`]]),
  ["on-band", "band"], ["on-band-link", "band"],
];
const edges = [
  ...surfaces.flatMap((on) => ["control-line", "focus", "accent", "danger"].map((edge) => [edge, on])),
  ["accent", "accent-soft"], ["focus", "accent-soft"], ["focus", "danger-soft"], ["band-focus", "band"], ["warning", "card"],
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((tone) => [`tone-${tone}`, "card"]),
];

function block(selector) {
  const start = source.indexOf("{", source.indexOf(selector)) + 1;
  const body = source.slice(start, source.indexOf("}", start));
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]));
}

function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function check(theme, colours, pairs, least) {
  const measured = pairs.map(([a, b]) => [`${a} on ${b}`, contrast(colours[a], colours[b])]).sort((a, b) => a[1] - b[1]);
  const low = measured.filter(([, ratio]) => ratio < least);
  console.log(`${theme}, at least ${least}: ${measured.length} pairs, lowest ${measured[0][1].toFixed(2)} (${measured[0][0]})`);
  low.forEach(([pair, ratio]) => console.error(`  too low: ${pair} ${ratio.toFixed(2)}`));
  return low.length === 0;
}

const light = block(":root {");
const wished = block(':root:not([data-theme="light"])');
const chosen = block(':root[data-theme="dark"]');
const same = JSON.stringify(wished) === JSON.stringify(chosen);
if (!same) console.error("The two dark themes in tokens.css differ.");
const results = [["light", light], ["dark", chosen]]
  .flatMap(([theme, colours]) => [check(theme, colours, text, 4.5), check(theme, colours, edges, 3)]);
process.exitCode = same && results.every(Boolean) ? 0 : 1;
