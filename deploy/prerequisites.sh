#!/bin/sh
# Says, one line each, what is missing to build and run Setroom; silent when all is there.
# Usage: prerequisites.sh [PYTHON]   (default: python3)
python=${1:-python3}
missing=0

say() {
    echo "setroom: $1" >&2
    missing=1
}

if ! command -v "$python" >/dev/null 2>&1; then
    say "Python 3.11 or later is needed, and '$python' is not there (choose one: make PYTHON=...)"
elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "Python 3.11 or later is needed; '$python' is $("$python" -V 2>&1 | cut -d' ' -f2) (choose another: make PYTHON=...)"
elif ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    say "'$python' cannot make environments: install its venv module (Debian: apt install python3-venv)"
fi

if ! command -v node >/dev/null 2>&1; then
    say "Node.js 20.19 or later is needed, and 'node' is not there"
elif ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    say "Node.js 20.19 or later is needed; this is $(node --version)"
fi
command -v npm >/dev/null 2>&1 || say "npm is needed (it comes with Node.js)"
command -v git >/dev/null 2>&1 || say "git is needed"
exit $missing
