import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Manifest, type Plugin } from "vite";

/** What a room needs without a network, by where its source lies; the rest is a part of its own. */
const CORE = /(^|\/)(main|inside|live|song_index)\.ts$|^_(inside|start|song_index)-|\/parts\/connection\/|\/texts\//;
/** Looked at by a browser that installs the app, not by the app. */
const NOT_KEPT = /\.(br|gz|png|ico)$|^manifest\.json$|^sw\.js$/;

/**
 * Builds the service worker beside the app, as `sw.js`, with the names of the app's files in it:
 * a new build is a new worker, and a worker serves the files of one build alone.
 */
export function serviceWorker(source: string, base: string): Plugin {
  return {
    name: "setroom-service-worker",
    apply: "build",
    async writeBundle({ dir = "dist" }) {
      const manifest = JSON.parse(await readFile(join(dir, "manifest.json"), "utf8")) as Manifest;
      const all = (await readdir(dir)).filter((name) => !NOT_KEPT.test(name)).sort();
      const core = filesOf(manifest, (name) => CORE.test(name));
      const version = createHash("sha256").update(all.join()).digest("hex").slice(0, 12);
      const urls = (names: string[]): string[] => names.map((name) => base + name);
      const files = {
        version,
        core: urls(all.filter((name) => core.has(name))),
        parts: urls(all.filter((name) => !core.has(name))),
      };
      await build({
        configFile: false,
        logLevel: "warn",
        publicDir: false,
        define: { __FILES__: JSON.stringify(files) },
        build: {
          target: "es2022",
          outDir: dir,
          emptyOutDir: false,
          rollupOptions: { input: source, output: { format: "iife", entryFileNames: "sw.js" } },
        },
      });
    },
  };
}

/** The files of some chunks, with what they import at once. */
function filesOf(manifest: Manifest, wanted: (name: string) => boolean): ReadonlySet<string> {
  const waiting = Object.keys(manifest).filter(wanted);
  const seen = new Set(waiting);
  const files = new Set<string>();
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const chunk = manifest[name];
    if (chunk === undefined) continue;
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file);
    for (const other of chunk.imports ?? []) {
      if (!seen.has(other)) {
        seen.add(other);
        waiting.push(other);
      }
    }
  }
  return files;
}
