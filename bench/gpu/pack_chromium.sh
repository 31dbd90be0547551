#!/usr/bin/env bash
# Puts into .chromium/ what a Linux machine with a GPU and no network needs to open the built page in Chromium: the browser
# that is installed here (CHROMIUM: its binary, or Debian's) with its libraries and a font, Node, Playwright and the app;
# 185 MB, in parts of 45 for whoever must bring them one by one. Then bench/gpu/chromium.sh there.
set -euo pipefail
cd "$(dirname "$0")/../.."
chromium=$(dirname "$(readlink -f "${CHROMIUM:-/usr/lib/chromium/chromium}")")
[ -f "$chromium/icudtl.dat" ] || { echo "CHROMIUM must name the binary itself, in Chromium's own folder, not a script: there is no $chromium/icudtl.dat." >&2; exit 2; }
node scripts/build.mjs app
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/lib" "$tree/fonts" "$tree/node_modules"
cp -L "$chromium"/{chromium,*.pak,icudtl.dat,*snapshot*.bin,libEGL.so,libGLESv2.so,libvulkan.so.1,libvk_swiftshader.so,vk_swiftshader_icd.json,chrome_crashpad_handler} "$tree/"
mkdir "$tree/locales" && cp "$chromium/locales/en-US.pak" "$tree/locales/"
# All but the C library's own, of which there is one already, with a loader that fits it.
ldd "$chromium/chromium" | awk '$3 ~ /^\// && $3 !~ /\/lib(c|m|dl|pthread|rt|resolv|util)\.so/ { print $3 }' | xargs cp -L -t "$tree/lib"
for name in softokn3 freebl3 freeblpriv3 nssckbi; do cp -L "/usr/lib/x86_64-linux-gnu/lib$name.so" "$tree/lib/"; done
cp /usr/share/fonts/truetype/dejavu/DejaVuSans{,-Bold,Mono}.ttf "$tree/fonts/"
cp "$(readlink -f "$(command -v node)")" "$tree/node"
cp -r node_modules/playwright-core "$tree/node_modules/"
cp -r dist/app "$tree/app"
# What NVIDIA's driver loads before it answers.
(cd "$tree" && apt-get download -q libegl1 libglvnd0 libopengl0 libgl1 libglx0 libgles2 libx11-6 > /dev/null && for deb in *.deb; do dpkg -x "$deb" glvnd; done && rm ./*.deb)
rm -rf .chromium && mkdir .chromium
tar -cC "$tree" . | xz -T0 -3 | split -b 45M - .chromium/part.
du -sh .chromium/*
