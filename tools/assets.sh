#!/usr/bin/env bash
# assets.sh   fetches the packages that the pages use, when they changed since
# the last time, and bundles them into internal/web/assets/dist.
set -euo pipefail
cd "$(dirname "$0")/../internal/web/assets"

if [ ! node_modules/.package-lock.json -nt package-lock.json ]; then
  npm ci --ignore-scripts --no-audit --no-fund
  touch node_modules/.package-lock.json
fi
cd ../../..
go run ./internal/web/assets/build
