"""People who sign in at an even pace until standard input closes, in a process apart. The standard library alone.

Reads a plan as JSON on the first line of standard input: {"port", "a_second", "password", "people": [[host, name]…]};
writes the milliseconds of each sign-in as a JSON list.
"""

import http.client
import json
import re
import sys
import threading
import time
from typing import Any
from urllib.parse import urlencode


def sign_in(port: int, host: str, name: str, password: str) -> float:
    """Milliseconds from sending name and password to the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/sign-in/", headers={"Host": host})
    response = connection.getresponse()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', response.read().decode())
    cookies = "; ".join(value.split(";")[0] for key, value in response.getheaders() if key.lower() == "set-cookie")
    if token is None:
        raise SystemExit(f"Pas de formulaire de connexion sur {host}")
    body = urlencode({"csrfmiddlewaretoken": token[1], "username": name, "password": password})
    headers = {"Host": host, "Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
    started = time.perf_counter()
    connection.request("POST", "/sign-in/", body=body, headers=headers)
    response = connection.getresponse()
    response.read()
    spent = (time.perf_counter() - started) * 1000
    connection.close()
    if response.status != 302:
        raise SystemExit(f"{response.status} : {name} n'est pas entré sur {host}")
    return spent


def enter_until_told(plan: dict[str, Any]) -> list[float]:
    """Sign people in, one every 1/a_second seconds whatever the others wait, until standard input closes."""
    stop = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        stop.set()

    threading.Thread(target=listen, daemon=True).start()
    times: list[float] = []
    threads = []
    number, due = 0, time.perf_counter()
    while not stop.is_set():
        host, name = plan["people"][number % len(plan["people"])]
        number += 1
        thread = threading.Thread(
            target=lambda host=host, name=name: times.append(sign_in(plan["port"], host, name, plan["password"]))
        )
        thread.start()
        threads.append(thread)
        due += 1 / plan["a_second"]
        stop.wait(max(0, due - time.perf_counter()))
    for thread in threads:
        thread.join()
    return times


if __name__ == "__main__":
    json.dump(enter_until_told(json.loads(sys.stdin.readline())), sys.stdout)
