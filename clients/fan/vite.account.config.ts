import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { brotli } from "../build/brotli.ts";

/** The account's page is opened rarely and shares no chunk with the room, which it must not weigh
 * on: built by itself, into the same folder, after the app. */
export default defineConfig({
  base: "/assets/",
  publicDir: false,
  plugins: [svelte(), brotli()],
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false,
    manifest: "account.json",
    assetsDir: "",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { checks: { pluginTimings: false }, input: { account: "src/account/main.ts" } },
  },
});
