#!/bin/sh
# Make a virtual environment and install into it: the pinned run-time dependencies ("dev": the tools of the tests as
# well), or what a file of requirements names. By uv when it is there, else by the venv and pip of Python 3.11 to 3.14.
set -eu
venv=$1
what=${2:-runtime}
python=${PYTHON:-python3}

supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'; }
refuse() {
    echo "Python 3.11 to 3.14 is needed; $1. Type: make $([ "$what" = runtime ] && echo demo || echo test) PYTHON=/path/to/python3.12" >&2
    exit 1
}
create() {
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --seed --python "$python" "$venv"
        supported "$venv/bin/python" && return
        found=$("$venv/bin/python" -V 2>&1)
        rm -rf "$venv"
        refuse "'$python' is $found"
    fi
    command -v "$python" >/dev/null 2>&1 || refuse "'$python' was not found"
    supported "$python" || refuse "'$python' is $("$python" -V 2>&1)"
    "$python" -c 'import venv, ensurepip' 2>/dev/null || {
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "This Python has no venv module. On Debian and Ubuntu, type: sudo apt-get install python$version-venv" >&2
        exit 1
    }
    "$python" -m venv "$venv"
}
install() {
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --python "$venv/bin/python" "$@"
    else
        "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    fi
}

[ -x "$venv/bin/python" ] || create
echo "Installing into $venv (once) ..."
case $what in
    runtime) install --constraint constraints.txt --editable . ;;
    dev) install --constraint constraints.txt --editable '.[dev]' ;;
    *) install --requirement "$what" ;;
esac
case $what in runtime | dev) "$venv/bin/python" -m bascule.match.weights >/dev/null ;; esac
