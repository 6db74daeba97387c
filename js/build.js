// Builds what a notebook's page runs, with the licences of what it is built from beside it.

import { build } from "esbuild";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

const PLACE = "../tui_app/notebook/static";
const SOURCES = ["build.js", "cell.css", "cell.js", "loader.js", "package.json"];
const { dependencies } = JSON.parse(await readFile("package.json", "utf8"));

await build({
  entryPoints: ["cell.js", "loader.js"],
  outdir: PLACE,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  loader: { ".css": "text" },
});

const licences = Object.entries(dependencies).map(
  async ([name, version]) => `${name} ${version}\n\n${(await readFile(`node_modules/${name}/LICENSE`, "utf8")).trim()}\n`,
);
const begin = "cell.js contains these packages, each under the MIT licence.\n";
await writeFile(`${PLACE}/LICENCES.txt`, [begin, ...(await Promise.all(licences))].join("\n\n"));

// A test compares this, so that nobody forgets to build.
const sources = createHash("sha256");
for (const name of SOURCES) sources.update(await readFile(name));
await writeFile(`${PLACE}/SOURCES.txt`, `${sources.digest("hex")}\n`);
