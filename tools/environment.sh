#!/bin/sh
# Make a virtual environment with the pinned run-time dependencies ("dev": the tools of the tests as well).
# Uses uv when it is there, else the venv and pip that come with Python 3.11 to 3.14.
set -eu
venv=$1
what=${2:-runtime}
python=${PYTHON:-python3}

if [ "$what" = dev ]; then target='.[dev]'; else target='.'; fi

if [ ! -x "$venv/bin/python" ]; then
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --python "$python" "$venv"
    else
        command -v "$python" >/dev/null 2>&1 || {
            echo "Python 3.11 or newer is needed and '$python' was not found. Install it, or type: make demo PYTHON=/path/to/python3" >&2
            exit 1
        }
        "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || {
            echo "Python 3.11 to 3.14 is needed; '$python' is $("$python" -V 2>&1). Type: make demo PYTHON=python3.12" >&2
            exit 1
        }
        "$python" -c 'import venv, ensurepip' 2>/dev/null || {
            version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
            echo "This Python has no venv module. On Debian and Ubuntu, type: sudo apt-get install python$version-venv" >&2
            exit 1
        }
        "$python" -m venv "$venv"
    fi
fi

echo "Installing into $venv (once) ..."
if command -v uv >/dev/null 2>&1; then
    uv pip install --quiet --python "$venv/bin/python" --constraint constraints.txt --editable "$target"
else
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable "$target"
fi
"$venv/bin/python" -m bascule.match.weights >/dev/null
