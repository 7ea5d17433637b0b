#!/bin/sh
# Runs every check of this folder on a console, and lists what it runs.
# Usage: run.sh CONSOLE
set -eu
cd "$(dirname "$1")"
console=$PWD/$(basename "$1")
cd - >/dev/null
cd "$(dirname "$0")"
for check in two_on_one_file paused thousand_changes failover; do
  echo "== Consoles: $check"
  ./$check.py "$console"
done
