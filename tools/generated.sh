#!/usr/bin/env bash
# generated.sh   fails when the committed *_templ.go files are not what templ
# makes of the *.templ files, whatever git thinks of the tree. templ writes
# the path it was called with into them, so they are always made from the root.
set -euo pipefail
cd "$(dirname "$0")/.."

fingerprint() { find internal -name node_modules -prune -o -name '*_templ.go' -print0 | sort -z | xargs -0 -r sha256sum; }

before=$(fingerprint)
log=$(go tool -modfile=tools/go.mod templ generate 2>&1) || { printf '%s\n' "$log" >&2; exit 1; }
after=$(fingerprint)
if [ "$before" != "$after" ]; then
  diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") | sed -n 's/^[<>] [0-9a-f]* *//p' | sort -u >&2 || true
  echo "These generated files were not up to date; make generate has just been done for you: commit them." >&2
  exit 1
fi
