/**
 * The service worker: the app's files and its shell without a network. Nothing of a person is
 * kept here, and no answer of the API; rooms are kept by the page, by account.
 */
import { dropOldBuilds, file, keepCore, keepParts } from "./files.ts";
import { isOurPage, page } from "./navigation.ts";

declare const self: ServiceWorkerGlobalScope;

self.addEventListener("install", (event) => {
  // It waits: a new version takes over when the person says so, or when no page is open.
  event.waitUntil(keepCore());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      await dropOldBuilds();
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
    })(),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "take_over") void self.skipWaiting();
  if (event.data === "keep_parts") event.waitUntil(keepParts());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/assets/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && isOurPage(url)) {
    event.respondWith(page(request, event.preloadResponse as Promise<Response | undefined>));
  }
});
