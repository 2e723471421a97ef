// Lessons: content saved as one types, nothing typed lost, work ticked even without network.
(() => {
  for (const form of document.querySelectorAll("[data-autosave]")) {
    const key = form.dataset.autosave;
    const state = form.querySelector("[data-state]");
    const say = (words, kind) => {
      state.textContent = words;
      state.className = `sent-state ${kind}`;
    };
    const kept = localStorage.getItem(key);
    if (kept !== null && kept !== form.content.value) {
      form.content.value = kept;
      say("Texte gardé sur cet appareil, pas encore enregistré.", "warn");
    }
    let waiting;
    const save = async () => {
      const sent = form.content.value;
      try {
        const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body: new FormData(form) });
        const told = answer.redirected ? null : await answer.json().catch(() => null);
        if (!told) return say("Votre session est terminée : identifiez-vous dans un autre onglet, le texte est gardé ici.", "warn");
        if (told.status !== "saved") return say(told.message, "urgent");
        form.based_on.value = told.version;
        if (form.content.value === sent) localStorage.removeItem(key);
        say(told.message, "done");
      } catch {
        say("En attente du réseau : le texte est gardé sur cet appareil.", "warn");
      }
    };
    form.addEventListener("input", () => {
      localStorage.setItem(key, form.content.value);
      clearTimeout(waiting);
      waiting = setTimeout(save, 1500);
    });
    form.addEventListener("submit", () => {
      clearTimeout(waiting);
      localStorage.removeItem(key);
    });
    addEventListener("online", () => localStorage.getItem(key) !== null && save());
  }

  // Ticks made without network are kept, and sent when it is back.
  const QUEUE = "ticks-to-send";
  const read = () => JSON.parse(localStorage.getItem(QUEUE) ?? "{}");
  const state = document.querySelector("[data-tick-state]");
  const send = async () => {
    for (const [path, body] of Object.entries(read())) {
      try {
        const answer = await fetch(path, { method: "POST", headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" }, body });
        if (answer.status >= 500) return;
      } catch {
        if (state) state.textContent = "En attente du réseau : ce que vous avez coché est gardé.";
        return;
      }
      const queue = read();
      delete queue[path];
      localStorage.setItem(QUEUE, JSON.stringify(queue));
      if (state) state.textContent = "";
    }
  };
  for (const form of document.querySelectorAll("[data-tick]"))
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const line = form.closest(".work-line");
      const done = form.done.value === "1";
      localStorage.setItem(QUEUE, JSON.stringify({ ...read(), [new URL(form.action).pathname]: String(new URLSearchParams(new FormData(form))) }));
      line.classList.toggle("is-done", done);
      const button = form.querySelector("button");
      button.setAttribute("aria-pressed", String(done));
      button.textContent = done ? "✓" : "";
      form.done.value = done ? "0" : "1";
      send();
    });
  addEventListener("online", send);
  if (Object.keys(read()).length) send();
})();
