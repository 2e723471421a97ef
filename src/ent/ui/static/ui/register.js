// The register: counts, keys, and a queue that keeps what was taken without network until the server has it. On every
// page of who takes the roll: what waits leaves as soon as there is a network, wherever they are.
// The page works without this script, except offline.
(() => {
  const QUEUE = "registers-to-send";
  const KEPT = "registers-1";
  const script = document.currentScript ?? document.querySelector("script[data-worker]");
  const owner = document.querySelector("[data-person]")?.dataset.person;
  const root = document.documentElement;
  const form = document.querySelector("[data-register]");
  const say = (words, kind) => {
    let places = document.querySelectorAll("[data-queue-state]");
    if (!places.length) {
      const place = Object.assign(document.createElement("p"), { role: "status" });
      place.dataset.queueState = "";
      document.querySelector("main")?.prepend(place);
      places = [place];
    }
    for (const place of places) {
      place.textContent = words;
      place.className = `sent-state ${kind ?? ""}`;
    }
  };
  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(QUEUE) ?? "[]");
    } catch {
      return [];
    }
  };
  const write = (queue) => localStorage.setItem(QUEUE, JSON.stringify(queue));
  const mine = () => read().filter((one) => one.owner === owner);
  const drop = (id) => write(read().filter((one) => one.id !== id));

  const fresh = async (path) => {
    const answer = await fetch(path);
    if (answer.redirected) return null; // signed out
    if (!answer.ok) return undefined; // no longer allowed: the first answer holds
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector("[name=csrfmiddlewaretoken]")?.value ?? null;
  };
  const post = (one) =>
    fetch(one.path, {
      method: "POST",
      headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
      body: one.body,
    });

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    const tried = new Set();
    try {
      // What was queued while another was on its way goes too.
      for (let one; (one = mine().find((kept) => !tried.has(kept.id))); ) {
        tried.add(one.id);
        let answer;
        try {
          answer = await post(one);
          if (answer.status === 403 || answer.redirected) {
            const token = await fresh(one.path); // the session is another one: the same register, with its token
            if (token === null) return say("Votre session est terminée : identifiez-vous, l'appel gardé sur cet appareil partira ensuite.", "warn");
            if (token === undefined) return say(`Pas envoyé, ${one.title} : vous ne pouvez plus faire cet appel. Il reste gardé sur cet appareil : prévenez la vie scolaire.`, "urgent");
            const body = new URLSearchParams(one.body);
            body.set("csrfmiddlewaretoken", token);
            one.body = String(body);
            write(read().map((kept) => (kept.id === one.id ? one : kept)));
            answer = await post(one);
          }
        } catch {
          return waiting();
        }
        if (answer.status >= 500) return waiting();
        const told = await answer.json().catch(() => null);
        if (told === null) return waiting();
        drop(one.id);
        if (told.status === "saved") follow(one, told.version);
        if (told.status === "conflict") return location.assign(one.path);
        say(told.status === "refused" ? `Refusé, ${one.title} : ${told.message}` : told.message, told.status === "refused" ? "urgent" : "done");
      }
    } finally {
      sending = false;
    }
  };
  // What this device says next of that register is said of the version just saved, not of the one before.
  const follow = (sent, version) => {
    const base = new URLSearchParams(sent.body).get("based_on");
    write(
      read().map((kept) => {
        const body = new URLSearchParams(kept.body);
        if (kept.path !== sent.path || kept.owner !== owner || body.get("based_on") !== base) return kept;
        body.set("based_on", version);
        return { ...kept, body: String(body) };
      }),
    );
    if (form && sent.path === location.pathname) form.based_on.value = version;
  };
  const some = (count) => `${count} appel${count > 1 ? "s" : ""}`;
  const waiting = () => {
    const count = mine().length;
    if (count) say(`En attente du réseau : ${count} appel${count > 1 ? "s" : ""} gardé${count > 1 ? "s" : ""} sur cet appareil, envoyé${count > 1 ? "s" : ""} dès son retour.`, "warn");
  };

  if (form) {
    const lines = [...form.querySelectorAll(".register-line")];
    const stateOf = (line) => line.querySelector("[name^=state-]:checked")?.value;
    const count = () => {
      const there = lines.filter((line) => ["present", "late", "left_early", "exempt"].includes(stateOf(line))).length;
      const shown = form.querySelector("[data-present]");
      if (shown) shown.textContent = there;
    };
    let touched = false;
    form.addEventListener("change", () => {
      touched = true;
      count();
    });
    // Reloaded without network: what was sent from here and still waits is shown again.
    const kept = mine().find((one) => one.path === location.pathname);
    if (kept) {
      const body = new URLSearchParams(kept.body);
      for (const input of form.querySelectorAll(".register-line input")) {
        const said = body.get(input.name);
        if (input.type === "radio") input.checked = said === input.value;
        else if (said !== null) input.value = said;
      }
      count();
      waiting();
    }
    if (root.dataset.keptAt) {
      const at = new Date(root.dataset.keptAt);
      const hour = `${at.getHours()} h ${String(at.getMinutes()).padStart(2, "0")}`;
      const day = at.toDateString() === new Date().toDateString() ? "" : ` le ${at.toLocaleDateString("fr")}`;
      const words = Object.assign(document.createElement("p"), { className: "notice warn", role: "status" });
      words.textContent = `Sans réseau : cette page a été gardée${day} à ${hour}. Ce qui a changé depuis ne s'y voit pas ; s'il y a des différences, elles vous seront montrées à l'envoi.`;
      form.before(words);
      addEventListener("online", async () => {
        await send();
        if (!touched && !mine().length) location.reload();
      });
    }
    // The first arrow of a page just opened goes to the first pupil.
    document.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" || event.target !== document.body) return;
      event.preventDefault();
      form.querySelector("[name^=state-]:checked")?.focus();
    });
    form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        return form.requestSubmit();
      }
      const line = event.target.closest(".register-line");
      if (!line || event.target.matches("[type=number], [type=text], button, summary, a")) return;
      const choose = { a: "absent", r: "late", " ": "present" }[event.key.toLowerCase()];
      if (choose) {
        event.preventDefault();
        const input = line.querySelector(`[value=${choose}]`);
        input.checked = true;
        input.focus();
        count();
      }
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step) {
        event.preventDefault();
        const next = lines[lines.indexOf(line) + step];
        (next?.querySelector("[name^=state-]:checked") ?? next?.querySelector("input"))?.focus();
      }
    });
    form.addEventListener("submit", (event) => {
      if (!form.querySelector(".register-bar")) return;
      event.preventDefault();
      const button = form.querySelector("[type=submit]");
      button.disabled = true;
      const id = crypto.randomUUID?.() ?? "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) => (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));
      form.client_id.value = id;
      form.taken_at.value = new Date().toISOString();
      // Written down before anything is sent: a dead network or a closed window loses nothing.
      const one = { id, owner, path: location.pathname, title: form.dataset.title, body: String(new URLSearchParams(new FormData(form))) };
      write([...read().filter((kept) => kept.path !== one.path || kept.owner !== owner), one]);
      send().then(() => {
        button.disabled = false;
        if (!mine().some((kept) => kept.id === id) && !document.querySelector(".sent-state.urgent")) location.assign("?saved=1");
      });
    });
  }

  // What a button asks, asked without leaving the page; null without network.
  const press = async (button, address) => {
    const body = new URLSearchParams(new FormData(button.form));
    body.set(button.name, button.value);
    button.disabled = true;
    const answer = await fetch(address, { method: "POST", headers: { Accept: "application/json" }, body }).catch(() => null);
    button.disabled = false;
    return answer;
  };

  // Sending a pupil out leaves the page to write why, unless marks not sent yet would be lost.
  const sendOut = document.querySelector("#send-out");
  sendOut?.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button || !form || ![...form.querySelectorAll("[type=radio]")].some((one) => one.checked !== one.defaultChecked)) return;
    event.preventDefault();
    const line = button.closest(".register-line");
    const answer = await press(button, sendOut.action);
    const told = await answer?.json().catch(() => null);
    if (!answer?.ok || !told) return say(told?.message ?? "Pas de réseau : faites prévenir la vie scolaire par un élève, puis notez « Ailleurs ».", "urgent");
    const choice = line.querySelector("[data-sent-out]");
    choice.hidden = false;
    choice.querySelector("input").checked = true;
    if (told.version) form.based_on.value = told.version;
    const link = Object.assign(document.createElement("a"), { href: told.url, className: "badge warn", textContent: `${told.message} : écrire le motif` });
    button.replaceWith(link);
    form.dispatchEvent(new Event("change"));
  });

  // A word about a pupil does not leave the page.
  document.querySelector("#remark")?.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (!button) return;
    event.preventDefault();
    const answer = await press(button, button.formAction);
    const told = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!told) return say("Pas noté : vérifiez le réseau, puis touchez encore.", "urgent");
    button.replaceWith(Object.assign(document.createElement("span"), { className: "badge done", role: "status", textContent: told.message }));
  });

  addEventListener("online", send);
  if (owner && mine().length) send();

  // Who leaves is told of what waits, once; it stays on this device, under their name, and leaves when they are back.
  for (const out of document.querySelectorAll("form[action$='/sign-out/']"))
    out.addEventListener("submit", async (event) => {
      if (!mine().length || out.dataset.told) return;
      event.preventDefault();
      await send();
      const count = mine().length;
      if (!count) return out.submit();
      out.dataset.told = "yes";
      document.querySelector("details.me[open]")?.removeAttribute("open");
      say(`${some(count)} de vos élèves ${count > 1 ? "ne sont pas envoyés" : "n'est pas envoyé"}. Si vous vous déconnectez, ${count > 1 ? "ils restent gardés" : "il reste gardé"} sur cet appareil et ${count > 1 ? "partiront" : "partira"} quand vous vous y identifierez ; personne d'autre ne le voit. Touchez encore « Se déconnecter » pour quitter.`, "warn");
      scrollTo(0, 0);
    });

  // The day's registers are kept on this device for who is signed in (the worker forgets them when anyone leaves).
  const isHere = /^\/sessions\/[0-9a-f-]{36}\/register\/$/.test(location.pathname);
  const keep = async () => {
    if (!("serviceWorker" in navigator) || !script?.dataset.worker || !owner) return;
    await navigator.serviceWorker.register(script.dataset.worker, { scope: "/" });
    const pages = [...document.querySelectorAll("a[data-keep]")].map((link) => new URL(link.href).pathname);
    if (root.dataset.keptAt || (!pages.length && !isHere)) return;
    const kept = await caches.open(KEPT);
    if ((await (await kept.match("/registers-owner"))?.text()) !== owner) {
      for (const request of await kept.keys()) await kept.delete(request);
      await kept.put("/registers-owner", new Response(owner));
    }
    const drawn = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => new URL(one.href ?? one.src).pathname);
    const drawing = document.querySelector("svg.icon use")?.getAttribute("href");
    if (drawing) drawn.push(new URL(drawing, location.href).pathname);
    const wanted = [...new Set([location.pathname, ...pages, ...drawn])];
    for (const path of wanted) {
      const answer = await fetch(path).catch(() => null);
      if (!answer?.ok || answer.redirected) continue;
      const headers = new Headers(answer.headers);
      headers.set("X-Kept-At", new Date().toISOString());
      for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name); // what is kept is plain
      await kept.put(path, new Response(await answer.blob(), { headers }));
    }
    // From the home page all of the day is seen: what is of another day, or of a former version, goes.
    for (const request of pages.length ? await kept.keys() : []) {
      const path = new URL(request.url).pathname;
      if (!wanted.includes(path) && path !== "/registers-owner") await kept.delete(request);
    }
    root.dataset.kept = "yes";
  };
  // Once the page is at rest: what is kept for later must not slow what is looked at now.
  if (navigator.onLine && !root.hasAttribute("data-slow-network")) setTimeout(() => keep().catch(() => null), 2500);
})();
