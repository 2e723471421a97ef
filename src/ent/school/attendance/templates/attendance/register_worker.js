// Keeps the registers of the day, and what draws them, for when the network is down. Nothing else is kept.
const KEPT = "registers-1";
const DRAWN = [{% for url in kept %}"{{ url|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const REGISTER = /^\/sessions\/[0-9a-f-]{36}\/register\/$/;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => Promise.allSettled(DRAWN.map((url) => kept.add(url)))));
  skipWaiting();
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const isRegister = REGISTER.test(url.pathname);
  if (!isRegister && url.pathname !== "/" && !DRAWN.includes(url.pathname)) return;
  // The network first; what was kept only where there is none.
  event.respondWith(
    fetch(event.request).catch(async () => {
      const kept = await caches.open(KEPT);
      return (await kept.match(url.pathname)) ?? (await kept.match(event.request)) ?? Response.error();
    }),
  );
});
