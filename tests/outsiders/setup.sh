#!/bin/sh
# Make the outsiders' own environment in .outsiders/venv, once for each content of requirements.txt and alone.txt, with
# the Python of .venv where there is one.
set -eu
cd "$(dirname "$0")/../.."
wanted=tests/outsiders/requirements.txt
alone=tests/outsiders/alone.txt
stamp=.outsiders/installed.txt
cat "$wanted" "$alone" | cmp -s "$stamp" - && exit 0
[ -n "${PYTHON:-}" ] || [ ! -x .venv/bin/python ] || PYTHON=$PWD/.venv/bin/python
rm -rf .outsiders/venv
mkdir -p .outsiders
{
    PYTHON=${PYTHON:-python3} sh tools/environment.sh .outsiders/venv "$wanted" &&
        .outsiders/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
            --ignore-requires-python --requirement "$alone"
} || {
    echo "The environment of the outsiders could not be made. Mend what is said above, then type: sh tests/outsiders/setup.sh" >&2
    exit 1
}
cat "$wanted" "$alone" >"$stamp"
