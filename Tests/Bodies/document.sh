#!/bin/sh
# Puts a table in the place that a page has for it. Usage: document.sh TABLE PAGE
set -eu
new=$(mktemp)
trap 'rm -f "$new"' EXIT
awk -v table="$1" '
  /^<!-- end of the table/ { inside = 0 }
  !inside { print }
  /^<!-- the table/ {
    inside = 1
    found = 1
    print ""
    while ((getline line < table) > 0) print line
    print ""
  }
  END { exit !found }' "$2" >"$new"
cat "$new" >"$2"
