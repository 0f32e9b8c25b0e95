import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { brotli } from "../build/brotli.ts";
import { serviceWorker } from "../build/service_worker.ts";

export default defineConfig({
  base: "/assets/",
  plugins: [svelte(), serviceWorker("src/sw/main.ts", "/assets/"), brotli()],
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
