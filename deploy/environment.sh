#!/bin/sh
# Makes .venv from requirements.lock, every file checked against its hash, and puts the
# `setroom` command into it. Usage: environment.sh [PYTHON]
set -eu
python=${1:-python3}
cd "$(dirname "$0")/.."
mkdir -p .build

[ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv

# uv does in seconds what takes pip a minute or two. It is in the lock like everything else;
# where it cannot be had or cannot reach the registry, pip does the whole.
awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' requirements.lock > .build/uv.lock
if .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r .build/uv.lock &&
    .venv/bin/uv pip install --python .venv/bin/python --require-hashes -r requirements.lock -q
then :
else
    echo "setroom: installing with pip, which takes a minute or two"
    .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
fi
.venv/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
