import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { brotli } from "../build/brotli.ts";

/** Four pages of their own: the panel, the two displays, and the design system's specimens. */
export default defineConfig({
  base: "/panel/assets/",
  plugins: [svelte(), brotli()],
  build: {
    target: "es2022",
    manifest: "manifest.json",
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      checks: { pluginTimings: false },
      input: {
        panel: "src/panel/main.ts",
        stage: "src/stage/main.ts",
        screen: "src/screen/main.ts",
        design: "src/design/main.ts",
      },
    },
  },
});
