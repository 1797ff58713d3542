#!/bin/sh
# A backup of every workspace into a folder; those older than so many days are deleted. The master keys are not part of
# them: keep those in another place. Ends with 1 when one of them failed; the others are made all the same.
# Usage: backup.sh FOLDER DAYS   (settings as for the server: BASCULE_ENV_FILE, or BASCULE_DATA)
set -u
folder=$1 days=$2 failed=0
umask 077
mkdir -p "$folder"
names=$(bascule workspaces list --json | python3 -c 'import json, sys; print(*[one["name"] for one in json.load(sys.stdin)["items"]])') || exit 1
now=$(date -u +%Y-%m-%dT%H-%M-%SZ)
for name in $names; do
    bascule --workspace "$name" backup "$folder/$name-$now.tar.gz" --days "$days" || failed=1
done
find "$folder" -maxdepth 1 -name '*-*Z.tar.gz' -mtime "+$days" -delete
exit $failed
