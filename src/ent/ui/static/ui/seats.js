// The seating plan: two seats tapped (or chosen with Enter) change places; the numbers below follow. Works without.
for (const form of document.querySelectorAll("[data-seats]")) {
  for (const words of document.querySelectorAll("[data-needs-script]")) words.hidden = false;
  const seats = [...form.querySelectorAll("td[data-row]")];
  let chosen = null;
  const write = (seat) => {
    if (!seat.dataset.pupil) return;
    form.elements[`row-${seat.dataset.pupil}`].value = seat.dataset.row;
    form.elements[`column-${seat.dataset.pupil}`].value = seat.dataset.column;
  };
  const draw = (seat) => {
    const button = seat.firstElementChild;
    const where = `rangée ${seat.dataset.row}, place ${seat.dataset.column}`;
    button.setAttribute("aria-label", `${button.textContent.trim() || "Place libre"}, ${where}`);
    button.setAttribute("aria-pressed", String(seat === chosen));
  };
  const swap = (one, other) => {
    const [first, second] = [one, other].map((seat) => ({ pupil: seat.dataset.pupil, html: seat.firstElementChild.innerHTML }));
    for (const [seat, kept] of [[one, second], [other, first]]) {
      seat.firstElementChild.innerHTML = kept.html;
      if (kept.pupil) seat.dataset.pupil = kept.pupil;
      else delete seat.dataset.pupil;
      write(seat);
    }
  };
  for (const seat of seats) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "seat";
    button.append(...seat.childNodes);
    seat.append(button);
    draw(seat);
    button.addEventListener("click", () => {
      const before = chosen;
      if (before && before !== seat) swap(before, seat);
      chosen = before ? null : seat;
      for (const one of [before, seat]) if (one) draw(one);
    });
    button.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!by) return;
      event.preventDefault();
      const [row, column] = [Number(seat.dataset.row) + by[0], Number(seat.dataset.column) + by[1]];
      form.querySelector(`td[data-row="${row}"][data-column="${column}"] button`)?.focus();
    });
  }
}
