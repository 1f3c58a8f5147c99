# SPDX-License-Identifier: GPL-2.0-or-later
# Sourced by packaging/demo and tests/run: installs what a build needs from Debian's own packages and chooses the compiler.
# shellcheck shell=bash

step() { printf '\n== %s\n' "$*" >&2; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
    fail "these packages are missing and only root may install them: ${missing[*]:-}. Run: apt-get install ${missing[*]:-}"
  fi
}

debian_release() { . /etc/os-release && printf '%s' "${VERSION_ID:-0}"; }

# What to build with: Debian 12's own g++ 12 miscompiles coroutines, so clang-19 there; g++ 14 from Debian 13 on.
build_packages() {
  case "$(debian_release)" in
    12) echo clang-19 lld-19 libboost1.81-dev libboost-json1.81-dev ;;
    13) echo g++ libboost-dev libboost-json-dev ;;
    *) fail "this script knows Debian 12 and 13. Elsewhere install the packages of CONTRIBUTING.md, then: meson setup build && ninja -C build" ;;
  esac
  echo meson ninja-build pkg-config libwolfssl-dev libssl-dev libseccomp-dev libsystemd-dev libfmt-dev libcli11-dev libedit-dev openssl
}

# What the tests need besides: programs that they run, and libraries of those that are only unpacked for them.
test_packages() {
  echo libdw-dev catch2 python3 iproute2 nftables libedit2 libgnutls30 libcap2 mandoc zsh fish
  [ "$(debian_release)" != 13 ] || echo tzdata-legacy  # the time zone right/UTC
}

# On a machine's first boot unattended-upgrades holds the locks for minutes. apt waits for that of packages but not of lists.
update_package_lists() {
  local tries=90 said
  while ! said=$(as_root apt-get update -q 2>&1); do
    case $said in *'Could not get lock'*) ;; *) tries=0 ;; esac
    [ $((tries--)) -gt 0 ] || fail "apt-get update failed: $said"
    [ $tries = 89 ] && step "Waiting for another package manager to finish (unattended-upgrades?)"
    sleep 10
  done
}

# Installs those of its arguments that are not installed yet.
install_packages() {
  missing=()
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  step "Installing ${#missing[@]} packages: ${missing[*]}"
  update_package_lists
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=900 install -qq -y --no-install-recommends "${missing[@]}" >/dev/null
}

choose_compiler() {
  if [ -n "${CXX:-}" ]; then return; fi
  if command -v clang++-19 >/dev/null; then
    export CXX=clang++-19 CXX_LD=lld-19
    command -v ld.lld-19 >/dev/null || unset CXX_LD
  else
    export CXX=g++
  fi
}

# Of the build that has AddressSanitizer, UndefinedBehaviorSanitizer and, where the compiler is clang, the fuzzers.
sanitizer_options() {
  echo -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1
  case "${CXX:-}" in *clang*) echo -Dfuzzers=true ;; esac
}

# configure DIR OPTIONS...: makes the build folder, or adjusts one that is there.
configure() {
  local dir=$1
  shift
  if [ -f "$dir/build.ninja" ]; then meson configure "$dir" "$@" >/dev/null; else
    step "Configuring $dir"
    meson setup "$dir" "$@" >"$dir.log" 2>&1 || { cat "$dir.log" >&2; fail "meson could not configure the build"; }
    mv "$dir.log" "$dir/setup.log"
  fi
}
