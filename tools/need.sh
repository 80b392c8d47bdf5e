#!/usr/bin/env bash
# need.sh thing...   makes sure that what a command needs is on this machine.
#
# Debian packages are installed only for root or in CI (CI=1 or CI=true).
# Everybody else is told the exact command, and the command fails: nothing is
# ever left out silently.
set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

have() { command -v "$1" >/dev/null 2>&1; }

# at_least WANTED FOUND compares dotted versions.
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

need_go() {
  have go || die "Go 1.26 or newer is needed and was not found. Install it: https://go.dev/dl/"
  local v
  v=$(GOTOOLCHAIN=local go env GOVERSION) && v=${v#go}
  at_least 1.26 "${v%%[- ]*}" ||
    die "Go 1.26 or newer is needed; this is Go $v. Install a newer one: https://go.dev/dl/"
}

need_node() {
  have node && have npm ||
    die "Node.js 18 or newer with npm is needed (it fetches the packages for the pages)." \
      "Install it: apt-get install --no-install-recommends nodejs npm   or   https://nodejs.org/en/download"
  local v
  v=$(node --version) && v=${v#v}
  at_least 18 "$v" ||
    die "Node.js 18 or newer is needed; this is Node.js $v. Install a newer one: https://nodejs.org/en/download"
}

# What each Debian package is recognised by.
has_make() { have make; }
has_postgresql() { have initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
has_chromium() { have chromium || have chromium-browser || have google-chrome; }
has_fonts() { compgen -G '/usr/share/fonts/*/noto/NotoSansCJK*' >/dev/null || { have fc-list && [ -n "$(fc-list :lang=zh)" ]; }; }

package_of() { case $1 in fonts) echo fonts-noto-cjk ;; *) echo "$1" ;; esac; }

missing=()
packages=()
for thing in "$@"; do
  case $thing in
    go | node) "need_$thing" ;;
    make | postgresql | chromium | fonts)
      "has_$thing" || { missing+=("$thing"); packages+=("$(package_of "$thing")"); } ;;
    *) die "need.sh does not know how to look for: $thing" ;;
  esac
done
[ ${#packages[@]} -gt 0 ] || exit 0

install=(apt-get install --yes --no-install-recommends "${packages[@]}")
may_install() { [ "$(id -u)" = 0 ] || [ "${CI:-}" = 1 ] || [ "${CI:-}" = true ]; }
have apt-get || die "Missing: ${packages[*]} (names of Debian packages). Please install them, then try again."
may_install || die "Missing: ${packages[*]}. Install them, then try again:" "  sudo ${install[*]}"

as_root=()
if [ "$(id -u)" != 0 ]; then
  have sudo || die "Missing: ${packages[*]}. Run as root: ${install[*]}"
  as_root=(sudo --non-interactive)
fi
say "Installing ${packages[*]}"
run() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >&2; }
run apt-get update --quiet=2
run "${install[@]}"
for thing in "${missing[@]}"; do
  "has_$thing" || die "$(package_of "$thing") was installed, but $thing is still not found."
done
