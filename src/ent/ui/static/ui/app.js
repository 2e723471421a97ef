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

// <div data-live="stream" data-refresh="page">: the page's fragment is asked again whenever the stream says so, and
// every 3 s where streams are blocked, until the fragment says that all is done.
for (const place of document.querySelectorAll("[data-refresh]")) {
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
