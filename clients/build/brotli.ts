import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { Plugin } from "vite";

/** Writes a `.br` beside every text file: compressed once, as well as it gets. */
export function brotli(): Plugin {
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
