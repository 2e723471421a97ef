// Lessons: content saved as one types, nothing typed lost, work ticked even without network.
(() => {
  const ask = (path, body) =>
    fetch(path, { method: "POST", redirect: "manual", headers: { Accept: "application/json" }, body });

  // Kept on the device: the text, and the version of the content it was typed over.
  const kept = (key) => {
    const found = localStorage.getItem(key);
    try {
      const read = JSON.parse(found);
      if (typeof read?.text === "string") return read;
    } catch {
      // Kept before versions were: the text alone.
    }
    return found === null ? null : { text: found, version: 0 };
  };

  for (const form of document.querySelectorAll("[data-autosave]")) {
    const key = form.dataset.autosave;
    const state = form.querySelector("[data-state]");
    const say = (words, kind) => {
      state.textContent = words;
      state.className = `sent-state ${kind}`;
    };
    const version = () => Number(form.based_on.value);
    const keep = () => localStorage.setItem(key, JSON.stringify({ text: form.content.value, version: version() }));
    const APART = `${key}-apart`;
    // The server tidies spaces and lines: the same words are the same text.
    const same = (one, other) => one.replace(/\s+/g, " ").trim() === other.replace(/\s+/g, " ").trim();
    // After a refusal the form's own text is the one to keep: it is what was just typed.
    const found = "asTyped" in form.dataset ? null : kept(key);
    if (found && same(found.text, form.content.value)) localStorage.removeItem(key);
    else if (found && found.version >= version()) {
      form.content.value = found.text;
      say("Texte gardé sur cet appareil, pas encore enregistré.", "warn");
    } else if (found) {
      // Someone saved since: both are shown, the teacher chooses; neither is sent nor erased by itself.
      localStorage.setItem(APART, [localStorage.getItem(APART), found.text].filter(Boolean).join("\n\n"));
      localStorage.removeItem(key);
    }
    const apart = localStorage.getItem(APART);
    if (apart !== null) {
      const box = document.createElement("div");
      box.className = "notice warn";
      box.setAttribute("role", "alert");
      const words = document.createElement("p");
      words.textContent = "Un autre contenu a été enregistré depuis. Voici le texte gardé sur cet appareil :";
      const mine = document.createElement("textarea");
      mine.readOnly = true;
      mine.rows = 6;
      mine.value = apart;
      mine.setAttribute("aria-label", "Texte gardé sur cet appareil");
      const button = (label, act) => {
        const made = document.createElement("button");
        made.type = "button";
        made.className = "quiet";
        made.textContent = label;
        made.addEventListener("click", () => {
          act();
          localStorage.removeItem(APART);
          box.remove();
        });
        return made;
      };
      const add = () => {
        form.content.value = [form.content.value, apart].filter(Boolean).join("\n\n");
        form.content.dispatchEvent(new Event("input", { bubbles: true }));
      };
      box.append(words, mine, button("Ajouter à la suite", add), button("Effacer ce texte", () => {}));
      form.before(box);
    }
    let waiting;
    const save = async () => {
      const sent = form.content.value;
      try {
        const answer = await ask(form.action, new FormData(form));
        const told = answer.type === "opaqueredirect" ? null : await answer.json().catch(() => null);
        if (answer.type === "opaqueredirect" || answer.status === 401)
          return say("Votre session est terminée : identifiez-vous dans un autre onglet, le texte est gardé ici.", "warn");
        if (told?.status !== "saved") return say(told?.message ?? "Pas enregistré : le texte est gardé sur cet appareil.", "urgent");
        form.based_on.value = told.version;
        if (form.content.value === sent) localStorage.removeItem(key);
        else keep();
        say(told.message, "done");
      } catch {
        say("En attente du réseau : le texte est gardé sur cet appareil.", "warn");
      }
    };
    form.addEventListener("input", () => {
      keep();
      clearTimeout(waiting);
      waiting = setTimeout(save, 1500);
    });
    // The copy kept here goes when the page comes back with the same text, saved: signing in may come in between.
    form.addEventListener("submit", () => {
      clearTimeout(waiting);
      keep();
    });
    addEventListener("online", () => localStorage.getItem(key) !== null && save());
  }

  // Bold, italic and list: marks put around what is selected.
  for (const area of document.querySelectorAll("textarea[data-rich]")) {
    const bar = document.createElement("p");
    bar.className = "actions";
    const put = (text) => {
      area.focus();
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "select");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const chosen = () => area.value.slice(area.selectionStart, area.selectionEnd);
    const marks = { Gras: () => `**${chosen() || "texte"}**`, Italique: () => `_${chosen() || "texte"}_`,
      Liste: () => (chosen() || "texte").split("\n").map((line) => `- ${line}`).join("\n") };
    for (const [label, made] of Object.entries(marks)) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "quiet";
      button.textContent = label;
      button.addEventListener("click", () => put(made()));
      bar.append(button);
    }
    area.before(bar);
  }

  // Ticks made without network, or once the session is over, are kept and sent when it is back.
  const QUEUE = "ticks-to-send";
  const read = () => JSON.parse(localStorage.getItem(QUEUE) ?? "{}");
  const state = document.querySelector("[data-tick-state]");
  const say = (words) => {
    if (state) state.textContent = words;
  };
  const send = async () => {
    // The page's own token: the one a tick was queued with went with the session it was made in.
    const token = document.querySelector("[data-tick] [name=csrfmiddlewaretoken]")?.value;
    if (!token) return;
    for (const [path, queued] of Object.entries(read())) {
      const body = new URLSearchParams(queued);
      body.set("csrfmiddlewaretoken", token);
      try {
        const answer = await ask(path, body);
        if (answer.type === "opaqueredirect" || answer.status === 401)
          return say("Votre session est terminée : ce que vous avez coché est gardé, identifiez-vous pour l'envoyer.");
        // Work withdrawn or no longer one's own is let go; anything else is tried again.
        if (!answer.ok && answer.status !== 404 && answer.status !== 403) return say("Pas encore enregistré : ce que vous avez coché est gardé.");
      } catch {
        return say("En attente du réseau : ce que vous avez coché est gardé.");
      }
      const queue = read();
      if (queue[path] === queued) delete queue[path];
      localStorage.setItem(QUEUE, JSON.stringify(queue));
      say("");
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
