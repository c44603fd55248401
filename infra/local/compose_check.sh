#!/bin/sh
# Checks docker-compose.yml with docker-compose itself (Debian's package, installed if it is missing and may be).
set -eu
cd "$(dirname "$0")/../.."

if ! command -v docker-compose >/dev/null; then
    if [ "$(id -u)" = 0 ]; then root=""; else root="sudo -n"; fi
    if [ -n "$root" ] && ! $root true 2>/dev/null; then
        echo "please install docker-compose   (as root: apt-get install docker-compose)" >&2
        exit 1
    fi
    apt-cache show docker-compose >/dev/null 2>&1 || $root apt-get -qq update
    $root env DEBIAN_FRONTEND=noninteractive apt-get -qq install --no-install-recommends docker-compose >/dev/null
fi
WENMING_BROKER_PASSWORD=check docker-compose -f docker-compose.yml config --quiet
echo "docker-compose.yml: valid"
