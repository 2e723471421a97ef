// Small comforts over pages that work without: "/" to search, lists that filter as you type, live progress.
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  const search = document.querySelector("[type=search]");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  }
});

// <form data-live-search="#results">: asks the same address for its fragment while one types.
for (const form of document.querySelectorAll("[data-live-search]")) {
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const url = `${form.action || location.pathname}?${new URLSearchParams(new FormData(form))}`;
      const answer = await fetch(url, { headers: { "HX-Request": "true" } });
      if (answer.ok) {
        document.querySelector(form.dataset.liveSearch).innerHTML = await answer.text();
        history.replaceState(null, "", url);
      }
    }, 200);
  });
}

// <div data-live="stream" data-poll="page">: replaced by what the server sends, asked every 3 s where streams are blocked.
for (const place of document.querySelectorAll("[data-poll]")) {
  let polling;
  const poll = () => {
    polling ??= setInterval(async () => {
      const answer = await fetch(place.dataset.poll, { headers: { "HX-Request": "true" } });
      if (answer.ok) place.innerHTML = await answer.text();
      if (answer.status === 286 || place.querySelector("[data-done]")) clearInterval(polling);
    }, 3000);
  };
  if (!place.dataset.live || !window.EventSource) poll();
  else {
    const stream = new EventSource(place.dataset.live, { withCredentials: true });
    stream.onmessage = (event) => {
      place.innerHTML = event.data;
      if (place.querySelector("[data-done]")) stream.close();
    };
    stream.onerror = () => (stream.close(), poll());
  }
}
