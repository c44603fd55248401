#!/bin/sh
# Writes requirements.lock and requirements-dev.lock (every file with its hashes, no registry's address in them).
set -eu
cd "$(dirname "$0")/../.."

lock() {
    .venv/bin/pip-compile -q --no-header --generate-hashes --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@"
}

lock "$@" -o requirements.lock requirements.in
lock "$@" -c requirements.lock -o requirements-dev.lock requirements-dev.in
if grep -nE '://|^-' requirements.lock requirements-dev.lock; then
    echo "a lock file names an address (above)" >&2
    exit 1
fi
