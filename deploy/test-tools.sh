#!/bin/sh
# The programs that some tests need and the registries of Python and Node do not bring: a real
# browser, a real proxy, Prometheus for the alert rules, and a clock that can be set wrong.
# Installed with apt where we may; otherwise said loudly.
missing=""
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="chromium"
[ -x /usr/sbin/nginx ] || command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
command -v promtool >/dev/null 2>&1 || missing="$missing prometheus"
ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null 2>&1 || missing="$missing libfaketime"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "· installing for the tests:" $missing
    export DEBIAN_FRONTEND=noninteractive
    if apt-get -qq update >/dev/null && apt-get -qq install -y --no-install-recommends $missing >/dev/null; then
        # The packages start servers of their own, which nobody asked for.
        for server in nginx prometheus; do
            command -v service >/dev/null 2>&1 && service "$server" stop >/dev/null 2>&1
        done
        exit 0
    fi
fi
echo "!!" >&2
echo "!! not installed:$missing. The tests that need it are SKIPPED." >&2
echo "!!" >&2
exit 0
