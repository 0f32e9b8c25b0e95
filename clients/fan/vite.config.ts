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
      checks: { pluginTimings: false },
      input: "src/main.ts",
      // What is fetched at one moment is one file: two compress worse, have headers twice, and come
      // one after the other.
      output: {
        codeSplitting: {
          groups: [
            { name: "app", tags: ["$initial"] },
            { name: "messages", test: /[\\/](room_messages|wire|notes\.svelte)\.ts$/ },
            {
              name: "inside",
              test: /[\\/](inside|songs|song_shelf|Chat\.svelte|ChatLine\.svelte|Sheet\.svelte|SectionPicker\.svelte)(\.ts)?$/,
            },
            { name: "start", test: /[\\/](start|forget|saved_rooms|words)\.ts$/ },
          ],
        },
      },
    },
  },
});
