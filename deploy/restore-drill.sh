#!/bin/sh
# Put a backup into a folder of its own, open it, verify its audit, count its candidates; then throw it away. Nothing is read
# from or written to a connected system. Ends with 1 where the backup is no good.
# Usage: restore-drill.sh FILE MASTER.KEY   (a backup of PostgreSQL: BASCULE_DATABASE names an empty database for it)
set -eu
file=$1 key=$2
umask 077
unset BASCULE_ENV_FILE BASCULE_WORKSPACE
BASCULE_DATA=$(mktemp -d)
export BASCULE_DATA
trap 'rm -rf "$BASCULE_DATA"' EXIT
cp "$key" "$BASCULE_DATA/master.key"
bascule restore "$file"
bascule audit verify
bascule candidates list --json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["items"]), "candidates on the first page")'
