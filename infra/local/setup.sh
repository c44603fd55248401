#!/bin/sh
# Sets up one machine: virtual environment, locked dependencies, RabbitMQ, and what MongoDB's wheel needs.
# Does only what is missing, so that a second run takes no time. Where it may not install a system package,
# it says in one line what to install and stops.
set -eu
cd "$(dirname "$0")/../.."

venv=.venv
stamp=$venv/.installed
broker=/usr/lib/rabbitmq/bin/rabbitmq-server

say() { printf 'set-up: %s\n' "$*"; }
fail() { printf 'set-up: %s\n' "$*" >&2; exit 1; }

# --- system packages -------------------------------------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

# install PACKAGE...: without starting the daemons that the packages bring (this machine's own broker is private).
install() {
    may_install || fail "please install $*   (as root: apt-get install $*)"
    say "installing $* from the distribution"
    apt-cache show "$@" >/dev/null 2>&1 || as_root apt-get -qq update || fail "apt-get update failed"
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then
        as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
        made_policy=$policy
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends "$@" >"$log" 2>&1 ||
        { tail -n 20 "$log" >&2; fail "apt-get install $* failed (its last lines are above)"; }
}

log=$(mktemp "${TMPDIR:-/tmp}/wenming-setup.XXXXXX")
made_policy=
clean_up() {
    rm -f "$log"
    [ -z "$made_policy" ] || as_root rm -f "$made_policy"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# --- Python ----------------------------------------------------------------------------------------------------------

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for name in ${PYTHON:-} python3.11 python3 /usr/bin/python3 python3.12 python3.13; do
        if recent "$name"; then command -v "$name"; return; fi
    done
    fail "please install Python 3.11 or later   (as root: apt-get install python3)"
}

make_venv() {
    python=$(find_python)
    say "virtual environment with $("$python" --version)"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        install "python$version-venv"
    fi
    "$python" -m venv $venv
}

wanted() { cat requirements-dev.lock pyproject.toml | sha256sum; }

run_pip() {
    $venv/bin/python -m pip install -q --disable-pip-version-check "$@" >"$log" 2>&1 ||
        { tail -n 30 "$log" >&2; fail "pip install failed (its last lines are above)"; }
}

install_dependencies() {
    say "installing locked dependencies"
    run_pip --require-hashes -r requirements-dev.lock
    run_pip --no-deps --no-build-isolation -e .
    wanted >$stamp
}

# --- servers ---------------------------------------------------------------------------------------------------------

install_broker() {
    install rabbitmq-server
    # The package would start a broker of its own at the next boot: not what was asked for.
    if [ -d /run/systemd/system ]; then
        as_root systemctl disable -q rabbitmq-server epmd.socket 2>/dev/null || say "could not disable the system's own broker"
    fi
}

# Quorum queues whose messages expire and are dead-lettered at least once came with 3.10.
check_broker() {
    version=$(dpkg-query -W -f '${Version}' rabbitmq-server 2>/dev/null) || return 0
    dpkg --compare-versions "$version" ge 3.10 ||
        fail "RabbitMQ $version is too old, 3.10 or later is needed; please set AMQP_URL to another broker"
}

# The wheel's files are not executable, and the server needs libcurl.
prepare_mongod() {
    mongod=$($venv/bin/python -c 'from infra.local.database import mongod_path; print(mongod_path())') ||
        fail "there is no MongoDB for this machine in a wheel; please set MONGODB_URL"
    [ -x "$mongod" ] || chmod u+x "$mongod"
    "$mongod" --version >/dev/null 2>&1 && return
    if apt-cache show libcurl4t64 >/dev/null 2>&1; then install libcurl4t64; else install libcurl4; fi
    "$mongod" --version >/dev/null || fail "MongoDB does not start on this machine (see above); please set MONGODB_URL"
}

[ -x $venv/bin/python ] && $venv/bin/python -c 'import pip' 2>/dev/null || make_venv
[ "$(cat $stamp 2>/dev/null)" = "$(wanted)" ] || install_dependencies
if [ -z "${AMQP_URL:-}" ]; then
    [ -x $broker ] || install_broker
    check_broker
fi
if [ -z "${MONGODB_URL:-}" ]; then prepare_mongod; fi
