// Builds telehealth/web/static/build: hashed files, so that a browser may keep them for a year, and manifest.json,
// which tells the server the hashed name of each. Run with `npm run build`.
import { build } from "esbuild";
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const assets = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(assets, "..", "static", "build");
const root = path.join(assets, "..", "..", "..");

// Sources that pages ask for by name. Fonts are found through the style sheet.
const entryPoints = [
  { in: "css/app.css", out: "app" },
  { in: "js/app.js", out: "app" },
  { in: "js/call.js", out: "call" },
  { in: "js/api-docs.js", out: "api-docs" },
  { in: "img/icon.svg", out: "icon" },
];

// The interactive API page finds these by their plain names.
const swaggerFiles = ["swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"];

async function bundle() {
  const { metafile } = await build({
    absWorkingDir: assets,
    entryPoints,
    outdir: out,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2020", "chrome100", "firefox100", "safari15"],
    entryNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    loader: { ".woff2": "file", ".svg": "copy" },
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
  });
  return Object.keys(metafile.outputs).map((file) => path.basename(file));
}

function manifestOf(files) {
  const hashed = files.filter((file) => /-[A-Z0-9]{8}\.\w+$/.test(file));
  return Object.fromEntries(hashed.map((file) => [file.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1"), file]).sort());
}

async function copyAsIs() {
  const swagger = packageFolder("swagger-ui-dist");
  await mkdir(path.join(out, "swagger"), { recursive: true });
  for (const file of swaggerFiles) await cp(path.join(swagger, file), path.join(out, "swagger", file));
  // The font's licence (OFL) asks to travel with the font.
  await cp(path.join(packageFolder("@fontsource-variable/atkinson-hyperlegible-next"), "LICENSE"), path.join(out, "FONT-LICENSE.txt"));
}

function packageFolder(name) {
  return path.join(root, "node_modules", name);
}

await rm(out, { recursive: true, force: true });
const manifest = manifestOf(await bundle());
await copyAsIs();
await writeFile(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 2) + "\n");
console.log(Object.entries(manifest).map(([name, file]) => `${name} -> ${file}`).join("\n"));
