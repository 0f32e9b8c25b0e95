import { defineConfig } from "vite";
import { brotli } from "../build/brotli.ts";

/** The pages for finding are no app: their few kilobytes share nothing with the room but its
 * font, so they are built by themselves, into the same folder, after the app. */
export default defineConfig({
  base: "/assets/",
  publicDir: false,
  plugins: [brotli()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false,
    manifest: "discover.json",
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { checks: { pluginTimings: false }, input: { discover: "src/discover/main.ts" } },
  },
});
