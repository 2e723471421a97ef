// At the door: a roll taken on this device still waits for who took it. Not whose it is, nor of whom.
(() => {
  let count = 0;
  try {
    count = JSON.parse(localStorage.getItem("registers-to-send") ?? "[]").length;
  } catch {
    return;
  }
  if (!count) return;
  const words = Object.assign(document.createElement("p"), { className: "notice warn", role: "status" });
  words.textContent =
    count > 1
      ? `${count} appels faits sur cet appareil ne sont pas encore envoyés. Ils partiront quand la personne qui les a faits s'identifiera ici ; personne d'autre ne les voit.`
      : "Un appel fait sur cet appareil n'est pas encore envoyé. Il partira quand la personne qui l'a fait s'identifiera ici ; personne d'autre ne le voit.";
  document.querySelector("main h1")?.after(words);
})();
