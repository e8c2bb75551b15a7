#!/bin/sh
# Puts uv into the folder given as the first argument, by whatever this machine offers: itself, venv, pip, apt (as
# root), or curl.
set -eu
target=$1
mkdir -p "$target/bin"

if command -v uv >/dev/null 2>&1; then
    ln -sf "$(command -v uv)" "$target/bin/uv"
    exit 0
fi

with_pip() {
    for python in python3 python3.13 python3.12 python3.11 python3.10; do
        "$python" -c "" >/dev/null 2>&1 || continue
        if "$python" -m venv "$target" >/dev/null 2>&1 &&
            "$target/bin/pip" install -q --disable-pip-version-check uv; then
            return 0
        fi
        if "$python" -m pip install -q --disable-pip-version-check --target "$target/lib" uv 2>/dev/null; then
            ln -sf ../lib/bin/uv "$target/bin/uv"
            return 0
        fi
    done
    return 1
}

with_pip && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's python3-venv, which is needed to set up Python packages"
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv; } >/dev/null && with_pip && exit 0
fi
if command -v curl >/dev/null 2>&1; then
    curl -LsSf https://astral.sh/uv/install.sh |
        env UV_INSTALL_DIR="$target/bin" UV_NO_MODIFY_PATH=1 INSTALLER_NO_MODIFY_PATH=1 sh && exit 0
fi
echo "uv could not be installed: install the packages python3-venv (or curl), then run make again." >&2
exit 1
