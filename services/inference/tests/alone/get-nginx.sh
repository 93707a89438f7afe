#!/usr/bin/env bash
# Gets nginx out of Debian's package into .tools/nginx, for a test; installs nothing. Where
# there is no apt, the test takes the one on the PATH, or is skipped and says so.
set -euo pipefail
cd "$(dirname "$0")/../../../.."
target=$PWD/.tools/nginx

test ! -x "$target/usr/sbin/nginx" || exit 0
command -v apt-get > /dev/null || { echo "no apt here"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
get() { apt-get -qq -o APT::Sandbox::User=root download nginx; }
get 2> /dev/null || { apt-get -qq update && get; } || { echo "apt gives no nginx"; exit 1; }
dpkg-deb -x nginx_*.deb unpacked
mkdir -p "$(dirname "$target")"
mv unpacked "$target"
