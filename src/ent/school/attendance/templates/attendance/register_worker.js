// Keeps the registers of the day, and what draws them, for when the network is down. Nothing else is kept, and all of
// it is forgotten as soon as someone leaves or someone else comes.
const KEPT = "registers-1";
const DRAWN = [{% for url in kept %}"{{ url|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];
const REGISTER = /^\/sessions\/[0-9a-f-]{36}\/register\/$/;
// Where people come, leave, or become someone else.
const DOORS = ["/sign-in/", "/sign-out/", "/act-as/", "/passage/arrive/"];
const OWNER = "/registers-owner";
// A network that does not answer within this time is taken for none, where something is kept.
const PATIENCE = 6000;

const forget = () => caches.delete(KEPT);
const keep = async (path, answer) => {
  const headers = new Headers(answer.headers);
  headers.set("X-Kept-At", new Date().toISOString());
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name); // what is kept is plain
  await (await caches.open(KEPT)).put(path, new Response(await answer.blob(), { headers }));
};
const ownerOf = (html) => html.match(/data-person="([^"]*)"/)?.[1] ?? "";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => Promise.allSettled(DRAWN.map((url) => kept.add(url)))));
  skipWaiting();
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));

// What the network just said replaces what was kept; of someone else, nothing stays.
const learn = async (url, answer) => {
  if (!answer.ok || answer.redirected) return answer.redirected ? forget() : null;
  const kept = await caches.open(KEPT);
  const owner = ownerOf(await answer.clone().text());
  const before = await (await kept.match(OWNER))?.text();
  if (before !== undefined && before !== owner) await forget();
  if (!owner) return null;
  await (await caches.open(KEPT)).put(OWNER, new Response(owner));
  if (url.search === "") await keep(url.pathname, answer);
};
// Said so on the page, with its hour.
const stale = async (kept) => {
  const html = (await kept.text()).replace("<html ", `<html data-kept-at="${kept.headers.get("X-Kept-At")}" `);
  return new Response(html, { headers: kept.headers });
};
const page = async (event, url) => {
  const there = await (await caches.open(KEPT)).match(url.pathname);
  const asked = fetch(event.request);
  try {
    const late = new Promise((_, refuse) => setTimeout(refuse, PATIENCE, new Error("late")));
    const answer = await (there ? Promise.race([asked, late]) : asked);
    const copy = answer.clone();
    event.waitUntil(learn(url, copy).catch(() => null));
    return answer;
  } catch (error) {
    asked.catch(() => null);
    if (there) return stale(there);
    throw error;
  }
};
const drawn = async (event, url) => {
  try {
    return await fetch(event.request);
  } catch {
    return (await (await caches.open(KEPT)).match(url.pathname)) ?? Response.error();
  }
};

addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (DOORS.includes(url.pathname)) return event.waitUntil(forget());
  if (event.request.method !== "GET") return;
  if (event.request.mode === "navigate" && (url.pathname === "/" || REGISTER.test(url.pathname)))
    return event.respondWith(page(event, url));
  if (DRAWN.includes(url.pathname)) event.respondWith(drawn(event, url));
});
