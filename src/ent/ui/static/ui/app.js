// Small comforts over pages that work without: "/" to search, lists that filter as you type, live progress.
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("#top-q") ?? document.querySelector("[type=search]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") document.querySelector("details.me[open]")?.removeAttribute("open");
});

addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.me[open]"))
    if (!menu.contains(event.target)) menu.removeAttribute("open");
});

// Only the last question asked is answered, whatever order the network brings answers in.
const latest = () => {
  let asked;
  return async (url) => {
    asked?.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asked.signal });
      return answer.ok && !answer.redirected ? await answer.text() : null;
    } catch {
      return null; // overtaken, or no network: what is on the page stays
    }
  };
};

// <form data-live-search="#results">: asks the same address for its fragment while one types.
for (const form of document.querySelectorAll("[data-live-search]")) {
  const ask = latest();
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const url = `${form.getAttribute("action") || location.pathname}?${new URLSearchParams(new FormData(form))}`;
      const found = await ask(url);
      if (found === null) return;
      document.querySelector(form.dataset.liveSearch).innerHTML = found;
      history.replaceState(null, "", url);
    }, 150);
  });
}

// <form data-suggest="address">: the first few answers below the field; arrows choose, Enter opens (ARIA combobox).
for (const form of document.querySelectorAll("[data-suggest]")) {
  const ask = latest();
  const field = form.querySelector("[type=search]");
  const list = Object.assign(document.createElement("div"), { className: "suggestions", id: "suggestions" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0].textContent);
  form.append(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");
  const options = () => [...list.querySelectorAll("[role=option]")];
  const choose = (index) => {
    options().forEach((option, at) => {
      option.id = `suggestion-${at}`;
      option.setAttribute("aria-selected", at === index);
      if (at === index) option.scrollIntoView({ block: "nearest" });
    });
    if (options()[index]) field.setAttribute("aria-activedescendant", `suggestion-${index}`);
    else field.removeAttribute("aria-activedescendant");
    field.setAttribute("aria-expanded", String(options().length > 0));
  };
  const show = (html) => {
    list.innerHTML = html;
    choose(0);
  };
  let pending = Promise.resolve();
  const refresh = () => {
    pending = (async () => {
      const found = field.value.trim() ? await ask(`${form.dataset.suggest}?q=${encodeURIComponent(field.value)}`) : "";
      if (found !== null) show(found);
    })();
  };
  field.addEventListener("input", refresh);
  field.addEventListener("focus", () => field.value && refresh());
  field.addEventListener("keydown", async (event) => {
    const all = options();
    const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "Escape" && list.innerHTML) {
      event.preventDefault();
      show("");
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (all.length) choose((now + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length);
    } else if (event.key === "Enter" && field.value.trim()) {
      event.preventDefault();
      await pending; // typed faster than the network: the answer to what is typed now
      const chosen = list.querySelector("[aria-selected=true]");
      if (chosen) location.assign(chosen.href);
      else form.submit();
    }
  });
  form.addEventListener("focusout", (event) => form.contains(event.relatedTarget) || setTimeout(() => show(""), 150));
}

// <form data-busy="Chargement…">: says that it works, and is not sent twice.
for (const form of document.querySelectorAll("[data-busy]"))
  form.addEventListener("submit", (event) => {
    if (form.classList.contains("busy")) return event.preventDefault();
    form.classList.add("busy");
    // A moment later: what the button pressed says is sent too.
    setTimeout(() => form.querySelectorAll("[type=submit]").forEach((button) => (button.disabled = true)));
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", form.dataset.busy);
    const words = Object.assign(document.createElement("p"), { textContent: form.dataset.busy });
    words.setAttribute("role", "status");
    form.append(words, bar);
  });

// <input data-narrow="#list">: of the list's lines ([data-line]) stay those with words that begin like all that is typed,
// whatever the accents; folds (<details>) without any left go, the others open. On paper the list is whole.
const plain = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ");
for (const field of document.querySelectorAll("[data-narrow]")) {
  const place = field.closest("[hidden]");
  const status = place.querySelector("[role=status]");
  const lists = [...document.querySelector(field.dataset.narrow).querySelectorAll("details")].map((fold) => ({
    fold,
    lines: [...fold.querySelectorAll("[data-line]")].map((line) => ({
      line,
      words: plain(` ${line.textContent} ${fold.querySelector("summary").textContent.split("·")[0]}`),
    })),
  }));
  place.hidden = false;
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  field.addEventListener("input", () => {
    const typed = plain(field.value).split(" ").filter(Boolean);
    let count = 0;
    for (const { fold, lines } of lists) {
      let left = 0;
      for (const { line, words } of lines) {
        const stays = typed.every((word) => words.includes(` ${word}`));
        line.classList.toggle("is-out", !stays);
        left += stays;
      }
      fold.classList.toggle("is-out", !left);
      fold.open = typed.length > 0 && left > 0;
      count += left;
    }
    status.textContent = typed.length ? (count ? `${count} élève${count > 1 ? "s" : ""}` : "Aucun élève ne correspond.") : "";
  });
}

// Folds are open on paper, whatever the browser.
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll("details.class-fold:not([open])")) {
    fold.open = true;
    fold.dataset.folded = "";
  }
});
addEventListener("afterprint", () => {
  for (const fold of document.querySelectorAll("[data-folded]")) {
    fold.open = false;
    delete fold.dataset.folded;
  }
});

// The places of a module stand on one line on a phone: the current one is in view.
for (const here of document.querySelectorAll("nav.tabs [aria-current]")) {
  const line = here.parentElement;
  line.scrollLeft = here.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;
}

// <button data-print>: the browser's own print window.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// <div data-live="stream" data-refresh="page">: the page's fragment is asked again whenever the stream says so, and
// every 3 s where streams are blocked, until the fragment says that all is done.
// Where the network is slow, nothing is asked that nobody asked for: the page is reloaded by hand.
const isSlow = document.documentElement.hasAttribute("data-slow-network");
for (const place of isSlow ? [] : document.querySelectorAll("[data-refresh]")) {
  let stream, polling, asking, again;
  const isDone = () => place.querySelector("[data-done]");
  const refresh = async () => {
    if (asking) return (again = true);
    asking = true;
    do {
      again = false;
      const answer = await fetch(place.dataset.refresh, { headers: { "HX-Request": "true" } }).catch(() => null);
      if (answer?.ok && !answer.redirected) place.innerHTML = await answer.text();
    } while (again && !isDone());
    asking = false;
    if (isDone()) (stream?.close(), clearInterval(polling));
  };
  if (isDone()) continue;
  const poll = () => (polling ??= setInterval(refresh, 3000));
  if (!place.dataset.live || !window.EventSource) poll();
  else {
    stream = new EventSource(place.dataset.live, { withCredentials: true });
    stream.onmessage = refresh;
    stream.onerror = () => stream.readyState === EventSource.CLOSED && poll();
  }
}

// At the door (<p data-kept-registers hidden>): a roll taken on this device still waits for who took it. Not whose it
// is, nor of whom.
const waits = document.querySelector("[data-kept-registers]");
if (waits) {
  let count = 0;
  try {
    count = JSON.parse(localStorage.getItem("registers-to-send") ?? "[]").length;
  } catch {
    // Nothing is kept where the browser keeps nothing.
  }
  waits.hidden = !count;
  waits.textContent =
    count > 1
      ? `${count} appels faits sur cet appareil ne sont pas encore envoyés. Ils partiront quand la personne qui les a faits s'identifiera ici ; personne d'autre ne les voit.`
      : "Un appel fait sur cet appareil n'est pas encore envoyé. Il partira quand la personne qui l'a fait s'identifiera ici ; personne d'autre ne le voit.";
}
