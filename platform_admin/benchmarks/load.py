"""A crowd of visitors, in a process of its own so that its work is not measured with the server's.

Reads a plan as JSON on its standard input: {"port", "threads", "visits": [[kind, host, path, cookie], …]}; writes
{"seconds", "times": [[kind, milliseconds], …]}. The standard library alone, on connections that are kept alive.
"""

import http.client
import json
import sys
import threading
import time
from typing import Any


def visit_all(plan: dict[str, Any]) -> dict[str, Any]:
    """Make every visit of the plan once, shared among its threads."""
    waiting = iter(plan["visits"])
    turn = threading.Lock()
    times: list[tuple[str, float]] = []
    wrong: list[str] = []

    def visitor() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", plan["port"], timeout=30)
        while not wrong:
            with turn:
                found = next(waiting, None)
            if found is None:
                break
            kind, host, path, cookie = found
            headers = {"Host": host, "Accept-Encoding": "gzip"} | ({"Cookie": cookie} if cookie else {})
            started = time.perf_counter()
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            times.append((kind, (time.perf_counter() - started) * 1000))
            if response.status != 200:
                wrong.append(f"{response.status} http://{host}{path}")
        connection.close()

    started = time.perf_counter()
    threads = [threading.Thread(target=visitor) for _ in range(plan["threads"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong or len(times) != len(plan["visits"]):
        raise SystemExit(f"Une page n'a pas répondu comme attendu : {wrong[:1]}")
    return {"seconds": time.perf_counter() - started, "times": times}


if __name__ == "__main__":
    json.dump(visit_all(json.load(sys.stdin)), sys.stdout)
