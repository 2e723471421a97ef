# shellcheck shell=bash
# Sourced by the scripts beside it: finds Python, builds .venv when the pinned requirements changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PYTHONPATH="$PWD/src:$PWD${PYTHONPATH:+:$PYTHONPATH}"
export PYTHONDONTWRITEBYTECODE="${PYTHONDONTWRITEBYTECODE-}"

prepare_venv() { # $1: base or dev
    local wanted=requirements/$1.txt stamp=.venv/installed-$1 python
    if [ "$1" = base ] && cmp -s requirements/dev.txt .venv/installed-dev; then return; fi
    if cmp -s "$wanted" "$stamp"; then return; fi
    for python in python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi
        python=
    done
    [ -n "$python" ] || { echo "Il faut Python 3.11 ou plus récent (https://www.python.org)." >&2; exit 1; }
    echo "Installation des bibliothèques dans .venv (une minute environ, la première fois)…"
    [ -x .venv/bin/python ] || "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$wanted"
    cp "$wanted" "$stamp"
}
