import { svelte } from "@sveltejs/vite-plugin-svelte";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

/** Writes a `.br` beside every text file: compressed once, as well as it gets. */
function brotli(): Plugin {
  return {
    name: "setroom-brotli",
    async writeBundle({ dir = "dist" }) {
      for (const name of await readdir(dir)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const body = await readFile(join(dir, name));
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 };
        await writeFile(join(dir, `${name}.br`), brotliCompressSync(body, { params }));
      }
    },
  };
}

export default defineConfig({
  base: "/assets/",
  plugins: [svelte(), brotli()],
  build: {
    target: "es2022",
    manifest: "manifest.json",
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: "src/main.ts",
      // What the first view needs is one file: two compress worse, and come one after the other.
      output: { codeSplitting: { groups: [{ name: "app", tags: ["$initial"] }] } },
    },
  },
});
