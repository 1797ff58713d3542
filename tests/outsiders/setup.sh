#!/bin/sh
# Make the outsiders' own environment in .outsiders/venv, once for each content of requirements.txt.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
room="$root/.outsiders"
stamp="$room/installed.txt"
if [ -f "$stamp" ] && cmp -s "$stamp" "$here/requirements.txt"; then
    exit 0
fi
python=${PYTHON:-}
if [ -z "$python" ]; then
    if [ -x "$root/.venv/bin/python" ]; then python="$root/.venv/bin/python"; else python=python3; fi
fi
fail() {
    echo "The outsiders' environment could not be made: $1" >&2
    echo "It needs $python with venv and pip, and a package index for tests/outsiders/requirements.txt." >&2
    echo "Then run: sh tests/outsiders/setup.sh" >&2
    exit 1
}
echo "Installing the outsiders into .outsiders/venv (once)"
mkdir -p "$room"
"$python" -m venv --clear "$room/venv" || fail "the virtual environment was not created"
"$room/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$here/requirements.txt" \
    || fail "a package was not installed"
cp "$here/requirements.txt" "$stamp"
