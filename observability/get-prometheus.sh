#!/usr/bin/env bash
# Gets Prometheus, Alertmanager and two exporters out of Debian's packages into
# .tools/prometheus, for the tests; installs nothing. Where there is no apt, the tests that
# need them take those on the PATH, or are skipped and say so.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$PWD/.tools/prometheus
packages=(prometheus prometheus-alertmanager prometheus-node-exporter prometheus-postgres-exporter)

test ! -d "$tools" || exit 0
if ! command -v apt-get > /dev/null; then
    echo "no apt here: without Prometheus on the PATH its tests are skipped"
    exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
get() { apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}"; }
get 2> /dev/null || { apt-get -qq update && get; } || {
    echo "apt gives no Prometheus: its tests are skipped"
    exit 0
}
for package in *.deb; do dpkg-deb -x "$package" unpacked; done
mkdir -p "$(dirname "$tools")"
mv unpacked/usr/bin "$tools"
