"""The eight o'clock crowd, in a process of its own: teachers who open their home and send a roll, then families.

Reads a plan as JSON on standard input: {"port", "threads", "teachers": [[host, register path, cookie]…], "homes":
[[host, cookie]…]}; writes {"rolls": {"seconds", "times"}, "homes": {…}}, times in milliseconds by kind, with how many
failed. The standard library alone, on connections that are kept alive, as fast as the server answers.
"""

import http.client
import json
import re
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode


class Visitor:
    """One connection, and what each request took."""

    def __init__(self, port: int) -> None:
        self.port, self.connection = port, http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.times: dict[str, list[float]] = defaultdict(list)
        self.errors = 0

    def ask(
        self, kind: str, method: str, host: str, path: str, cookie: str, body: str | None = None
    ) -> tuple[str, str]:
        """The page and the cookies that the server set."""
        headers = {"Host": host, "Cookie": cookie}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self.connection.request(method, path, body=body, headers=headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        self.times[kind].append((time.perf_counter() - started) * 1000)
        if response.status not in (200, 302):
            self.errors += 1
        set_now = [value.split(";")[0] for name, value in response.getheaders() if name.lower() == "set-cookie"]
        return text, "; ".join(set_now)

    def take_roll(self, host: str, path: str, cookie: str) -> None:
        """Home, the register, and the roll with one absent pupil."""
        self.ask("home_teacher", "GET", host, "/", cookie)
        page, more = self.ask("register", "GET", host, path, cookie)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        version = re.search(r'name="based_on" value="(\d+)"', page)
        pupils = sorted(set(re.findall(r'name="(state-[0-9a-f-]{36})"', page)))
        if not token or not pupils:
            self.errors += 1
            return
        marks = dict.fromkeys(pupils, "present") | {pupils[0]: "absent"}
        body = urlencode({"csrfmiddlewaretoken": token[1], "based_on": version[1] if version else "0", **marks})
        self.ask("roll", "POST", host, path, f"{cookie}; {more}", body)


def crowd(port: int, threads: int, visits: list, visit: Callable[[Visitor, Any], None]) -> dict[str, Any]:
    """Make every visit once, shared among threads; the seconds it took, the times and the failures."""
    waiting, turn = iter(visits), threading.Lock()
    visitors = [Visitor(port) for _ in range(threads)]

    def work(visitor: Visitor) -> None:
        while True:
            with turn:
                found = next(waiting, None)
            if found is None:
                return
            visit(visitor, found)

    started = time.perf_counter()
    workers = [threading.Thread(target=work, args=(visitor,)) for visitor in visitors]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    times: dict[str, list[float]] = defaultdict(list)
    for visitor in visitors:
        for kind, found in visitor.times.items():
            times[kind] += found
    return {"seconds": time.perf_counter() - started, "times": times, "errors": sum(one.errors for one in visitors)}


def storm(plan: dict[str, Any]) -> dict[str, Any]:
    """Rolls, then homes."""
    port, threads = plan["port"], plan["threads"]
    return {
        "rolls": crowd(port, threads, plan["teachers"], lambda who, one: who.take_roll(*one)),
        "homes": crowd(port, threads, plan["homes"], lambda who, one: who.ask("home_family", "GET", one[0], "/", one[1])
                       and None),
    }  # fmt: skip


if __name__ == "__main__":
    json.dump(storm(json.load(sys.stdin)), sys.stdout)
