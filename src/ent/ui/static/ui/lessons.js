// Lessons: content saved as one types, nothing typed lost, work ticked even without network.
(() => {
  const ask = (path, body, options) =>
    fetch(path, { method: "POST", redirect: "manual", headers: { Accept: "application/json" }, body, ...options });

  // The server tidies spaces and lines: the same words are the same text.
  const same = (one, other) => one.replace(/\s+/g, " ").trim() === other.replace(/\s+/g, " ").trim();
  const made = (tag, text, values = {}) => Object.assign(document.createElement(tag), { textContent: text, ...values });

  // Each window keeps its own text, under a name it holds while it is open: two windows never erase each other's.
  const nameOf = (key) => {
    const name = `${key}:${Date.now()}-${Math.random()}`;
    navigator.locks?.request(name, () => new Promise(() => {}));
    return name;
  };
  const leftBehind = async (key, mine) => {
    const open = new Set(((await navigator.locks?.query())?.held ?? []).map((one) => one.name));
    return Object.keys(localStorage)
      .filter((name) => name !== mine && (name === key || name.startsWith(`${key}:`)) && !open.has(name))
      .sort();
  };
  const among = (text, texts) => texts.some((one) => same(one, text));
  // What is kept: the text, the note, the version of the content they were typed over, and the texts sent without an
  // answer: any of them may have arrived.
  const kept = (name) => {
    const found = localStorage.getItem(name);
    try {
      const read = JSON.parse(found);
      if (typeof read?.text === "string") return { note: "", unanswered: [], ...read };
    } catch {
      // Kept before versions were: the text alone.
    }
    return { text: found, note: "", version: 0, unanswered: [] };
  };

  const AFTER_TYPING = 1500;
  const AGAIN = 15_000;
  for (const form of document.querySelectorAll("[data-autosave]")) {
    const key = form.dataset.autosave;
    const mine = nameOf(key);
    const APART = `${key}-apart`;
    const state = form.querySelector("[data-state]");
    // A colleague's own note is not shown.
    const note = form.querySelector("[name=private_note]");
    const say = (words, kind) => {
      state.textContent = words;
      state.className = `sent-state ${kind}`;
    };
    const version = () => Number(form.based_on.value);
    let unanswered = [];
    const typed = () => ({ text: form.content.value, note: note?.value ?? "", version: version() });
    const keep = () => localStorage.setItem(mine, JSON.stringify({ ...typed(), unanswered }));
    let waiting, box, busy = false, unsaved = false;

    const later = (delay) => {
      clearTimeout(waiting);
      waiting = setTimeout(save, delay);
    };
    const changed = () => {
      unsaved = true;
      keep();
    };

    // Another text beside one's own: nothing is sent nor erased before the teacher chooses.
    const choose = (words, text, choices) => {
      box?.remove();
      box = made("div", "", { className: "notice warn" });
      box.setAttribute("role", "alert");
      const shown = made("textarea", "", { readOnly: true, rows: 6, value: text });
      shown.setAttribute("aria-label", words);
      const lines = made("div", "");
      lines.append(made("p", words), shown);
      for (const [label, act] of choices) {
        const button = made("button", label, { type: "button", className: "quiet" });
        button.addEventListener("click", () => {
          box.remove();
          box = null;
          act();
        });
        lines.append(button, " ");
      }
      box.append(lines);
      form.before(box);
    };
    const put = (text) => {
      form.content.value = text;
      changed();
      save();
    };
    const both = (one, other) => [one, other].filter(Boolean).join("\n\n");
    const conflict = (told) => {
      // It is what was sent from here: the answer was lost on the way.
      if (among(told.content, unanswered)) {
        form.based_on.value = told.version;
        return later(0);
      }
      say("Pas enregistré : choisissez ci-dessus. Votre texte est gardé sur cet appareil.", "urgent");
      const settle = (text) => () => {
        form.based_on.value = told.version;
        put(text());
      };
      choose(`${told.message} Voici ce contenu ; le vôtre est dans le formulaire.`, told.content, [
        ["Garder les deux, à la suite", settle(() => both(told.content, form.content.value))],
        ["Remplacer par le mien", settle(() => form.content.value)],
        ["Prendre ce contenu", settle(() => told.content)],
      ]);
    };

    async function save(options) {
      clearTimeout(waiting);
      if (box) return;
      if (busy) return later(AFTER_TYPING);
      busy = true;
      const sent = JSON.stringify(typed());
      if (!among(form.content.value, unanswered)) unanswered.push(form.content.value);
      if (unsaved) keep();
      try {
        const answer = await ask(form.action, new FormData(form), options);
        const told = answer.type === "opaqueredirect" ? null : await answer.json().catch(() => null);
        if (answer.type === "opaqueredirect" || answer.status === 401)
          return say("Votre session est terminée : identifiez-vous dans un autre onglet, le texte est gardé ici.", "warn");
        if (told?.status === "conflict") return conflict(told);
        if (told?.status !== "saved") {
          if (answer.status >= 500) later(AGAIN);
          return say(told?.message ?? "Pas enregistré : le texte est gardé sur cet appareil.", "urgent");
        }
        unanswered = [];
        unsaved = JSON.stringify(typed()) !== sent;
        form.based_on.value = told.version;
        if (unsaved) {
          keep();
          later(AFTER_TYPING);
        } else localStorage.removeItem(mine);
        say(told.message, "done");
      } catch {
        say("En attente du réseau : le texte est gardé sur cet appareil.", "warn");
        later(AGAIN);
      } finally {
        busy = false;
      }
    }

    // What windows that are closed kept: put back and sent, or shown beside what someone saved since.
    const find = async () => {
      for (const name of await leftBehind(key, mine)) {
        const found = kept(name);
        const isOlder = found.version < version() && !among(form.content.value, found.unanswered);
        const isThere = same(found.text, form.content.value) && (!found.note || !note || same(found.note, note.value));
        if (!isThere && (isOlder || unsaved)) localStorage.setItem(APART, both(localStorage.getItem(APART), found.text));
        else if (!isThere) {
          form.content.value = found.text;
          if (note && found.note) note.value = found.note;
          changed();
          say("Texte retrouvé sur cet appareil : il est envoyé.", "warn");
        }
        localStorage.removeItem(name);
      }
      const apart = localStorage.getItem(APART);
      if (apart !== null) {
        const drop = () => localStorage.removeItem(APART);
        choose("Un autre contenu a été enregistré depuis. Voici le texte gardé sur cet appareil :", apart, [
          ["Ajouter à la suite", () => {
            drop();
            put(both(form.content.value, apart));
          }],
          ["Effacer ce texte", () => {
            drop();
            if (unsaved) save();
          }],
        ]);
      } else if (unsaved) save();
    };
    // After a refusal the form's own text is the one to keep: it is what was just typed.
    if ("asTyped" in form.dataset) changed();
    find();

    form.addEventListener("input", () => {
      changed();
      later(AFTER_TYPING);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      changed();
      save();
    });
    addEventListener("online", () => unsaved && save());
    addEventListener("pagehide", () => unsaved && !box && save({ keepalive: true }));
  }

  // Work being written is kept until it is given: the page then shows one more.
  for (const form of document.querySelectorAll("[data-keep-text]")) {
    const key = form.dataset.keepText;
    const area = form.querySelector("textarea");
    const given = () => document.querySelectorAll(".card.work").length;
    const found = JSON.parse(localStorage.getItem(key) ?? "null");
    if (found && found.sent !== undefined && given() > found.sent) localStorage.removeItem(key);
    else if (found && !area.value) area.value = found.text;
    const keep = (values) => localStorage.setItem(key, JSON.stringify({ text: area.value, ...values }));
    area.addEventListener("input", () => (area.value ? keep() : localStorage.removeItem(key)));
    form.addEventListener("submit", () => keep({ sent: given() }));
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
