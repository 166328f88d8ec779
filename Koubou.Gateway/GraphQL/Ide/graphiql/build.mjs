// Makes the page's two files: node build.mjs OUTPUT_FOLDER. Installs what the lock file names, unless it is there.
// Says in one line why it could not.
import { execFileSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";

const [folder] = process.argv.slice(2);
const installMax = 120_000;

function written(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function install() {
  if (written("node_modules/.package-lock.json") > written("package-lock.json")) return;

  // Without a network this fails at once instead of after its usual retries.
  const options = ["--no-fund", "--no-audit", "--loglevel=error", "--fetch-retries=0"];
  execFileSync("npm", ["ci", ...options], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: installMax,
    shell: process.platform === "win32",
  });
}

async function bundle() {
  const { build } = await import("esbuild");
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: { graphiql: "page.jsx" },
    outdir: folder,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    jsx: "automatic",
    define: { "process.env.NODE_ENV": '"production"' },
    // Fonts and icons travel inside: the page asks for nothing but its own two files.
    loader: { ".svg": "dataurl", ".ttf": "dataurl", ".woff": "dataurl", ".woff2": "dataurl" },
    // Whose work it is stays at the end of the file.
    legalComments: "eof",
    logLevel: "silent",
  });
}

try {
  install();
  await bundle();
} catch (error) {
  const reason = error.code === "ETIMEDOUT" ? "npm ci took too long" : String(error.stderr || error.message);
  console.log(reason.trim().split("\n").slice(-1)[0].slice(0, 200));
  process.exitCode = 1;
}
