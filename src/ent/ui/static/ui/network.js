// The school's speed test. Written for old browsers: no promise, no arrow, no fetch.
(function () {
  var form = document.getElementById("measure");
  var button = form.querySelector("button");
  var says = form.querySelector("[role=status]");
  var address = form.getAttribute("data-sample");
  var down = Number(form.getAttribute("data-down"));
  var up = Number(form.getAttribute("data-up"));
  var ROUND_TRIPS = 5;

  function now() {
    return window.performance && performance.now ? performance.now() : new Date().getTime();
  }

  function ask(method, bytes, body, then) {
    var request = new XMLHttpRequest();
    var started;
    request.open(method, address + "?bytes=" + bytes + "&once=" + Math.random());
    request.timeout = 120000;
    if (method === "POST") {
      request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
      request.setRequestHeader("Content-Type", "application/octet-stream");
    } else if (bytes) request.responseType = "arraybuffer";
    request.onload = function () {
      if (request.status === 200) then(Math.max(now() - started, 0.1));
      else failed(request.status === 429 ? "Trop de mesures en une heure : recommencez plus tard." : "");
    };
    request.onerror = request.ontimeout = function () { failed(""); };
    started = now();
    request.send(body);
  }

  function failed(why) {
    says.textContent = why || "La mesure n’a pas abouti : le réseau s’est interrompu. Vérifiez-le, puis recommencez.";
    button.disabled = false;
  }

  // What one exchange of so many bytes says of the speed, the way there and back taken off.
  function speed(bytes, spent, latency) {
    return (bytes * 8) / 1000 / Math.max(spent - latency, spent / 5);
  }

  function measure() {
    var trips = [];
    button.disabled = true;
    says.textContent = "Aller-retour…";
    function trip(spent) {
      if (spent) trips.push(spent);
      if (trips.length < ROUND_TRIPS) return ask("GET", 0, null, trip);
      // The first one also opens the connection.
      var latency = trips.slice(1).sort(function (a, b) { return a - b; })[Math.floor((ROUND_TRIPS - 1) / 2)];
      says.textContent = "Téléchargement…";
      ask("GET", down, null, function (downloaded) {
        says.textContent = "Envoi…";
        ask("POST", up, new Array(up + 1).join("x"), function (uploaded) {
          form.elements.down_mbps.value = speed(down, downloaded, latency).toFixed(3);
          form.elements.up_mbps.value = speed(up, uploaded, latency).toFixed(3);
          form.elements.latency_ms.value = latency.toFixed(1);
          says.textContent = "Enregistrement…";
          form.submit();
        });
      });
    }
    trip(0);
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    measure();
  });
  button.disabled = false;
})();
