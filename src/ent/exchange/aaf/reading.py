"""Reading a Complet in processes of their own: the work of the reader is shared between them, the database has another.

Started as a program (`python -m ent.exchange.aaf.reading DESCRIPTOR`), a process is told what to read and answers on
the connection of that descriptor. It loads neither Django nor the settings. (Not `multiprocessing.Process`: a task
queue's workers may not start one.)
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe, wait

from ent.exchange.aaf.reader import Export, ExportError
from ent.exchange.aaf.rows import Findings, Rows, Structure

# Rows waiting in memory before they are copied.
BATCH = 10_000
LABELS = {"subject": "matières", "programme": "formations", "staff": "personnels", "relative": "responsables",
          "pupil": "élèves"}  # fmt: skip
# About as long to read: there are more relatives, but there is more to say of a pupil.
SHARES = (("subject", "programme", "staff", "relative"), ("pupil",))


def read_apart(
    export: Export, structures: dict[str, Structure], findings: Findings, progress: Callable[[str], None]
) -> Iterator[dict[str, list[tuple]]]:
    """Yield the rows of every category as they come; `findings` and the export's oddities are completed at the end."""
    readers: dict[Connection, subprocess.Popen] = {}
    ends: dict[tuple[str, ...], tuple[Export, Findings]] = {}
    try:
        for share in SHARES:
            here, there = Pipe()
            with there:
                command = [sys.executable, "-m", __name__, str(there.fileno())]
                readers[here] = subprocess.Popen(command, pass_fds=[there.fileno()])
            here.send((export, structures, share))
        waiting = list(readers)
        while waiting:
            ready = wait(waiting)
            for here in [one for one in waiting if one in ready]:
                message = _received(here)
                if isinstance(message, ExportError):
                    raise message
                if isinstance(message, str):
                    progress(message)
                elif isinstance(message, dict):
                    yield message
                else:
                    share, read, found = message
                    ends[share] = read, found
                    waiting.remove(here)
    finally:
        for here, process in readers.items():
            here.close()
            process.kill()
            process.wait()
    for share in SHARES:
        read, found = ends[share]
        export.include(read, share)
        findings.include(found)


def _received(here: Connection):
    try:
        return here.recv()
    except (EOFError, OSError):
        return ExportError("La lecture de l'export s'est interrompue (mémoire insuffisante ?). Relancez l'import.")


def _answer(there: Connection) -> None:
    export, structures, share = there.recv()
    rows = Rows(structures)
    try:
        for category in share:
            there.send(f"Lecture des {LABELS[category]}")
            for record in export.records(category):
                if record.operation != "delete":
                    rows.add(record)
                if rows.waiting >= BATCH:
                    there.send(dict(rows.taken()))
        there.send(dict(rows.taken()))
        there.send((share, export, rows.findings))
    except ExportError as error:
        there.send(error)


if __name__ == "__main__":
    with Connection(int(sys.argv[1])) as there:
        _answer(there)
