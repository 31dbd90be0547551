#!/usr/bin/env bash
# The built page in Chromium on this machine's GPU, from what bench/gpu/pack_chromium.sh packed.
#
#   [NAME=…] [FLAGS='…'] bench/gpu/chromium.sh PART...       the parts: bench/gpu/chromium.mjs
#
# NAME goes before the names of the files. FLAGS: of Chromium, beside those that a machine without a screen needs. Half precision
# and matrix units, as Node has them: --enable-unsafe-webgpu --enable-dawn-features=vulkan_enable_f16_on_nvidia
# PACKED: where the parts are that were packed, in their order, unless in .chromium.
set -euo pipefail
cd "$(dirname "$0")/../.."
OUT=${OUT:-gpu-results}
mkdir -p "$OUT"
home=/tmp/wanscope-chromium
[ $# -gt 0 ] || { sed -n '/^ \* PART/p' bench/gpu/chromium.mjs >&2; exit 2; }
# Again where something else was packed since, or unpacking was cut off.
packed=$(cat ${PACKED:-.chromium/part.*} | sha256sum)
[ "$(cat "$home/packed" 2> /dev/null)" = "$packed" ] || {
  rm -rf "$home" && mkdir -p "$home"
  cat ${PACKED:-.chromium/part.*} | tar -xJ -C "$home"
  echo "$packed" > "$home/packed"
}
cat > "$home/fonts.conf" <<CONF
<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>$home/fonts</dir><cachedir>$home/fonts</cachedir></fontconfig>
CONF
export FONTCONFIG_FILE="$home/fonts.conf" XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp} HOME=${HOME:-/tmp}
for icd in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json /usr/share/vulkan/icd.d/nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd.json; do
  [ -z "${VK_DRIVER_FILES:-}" ] && [ -f "$icd" ] && export VK_DRIVER_FILES=$icd
done
export LD_LIBRARY_PATH="$home/lib:$home/glvnd/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# Without a screen Chromium leaves its compositor's GPU for software a moment after its start, and takes WebGPU along once.
headless='--disable-gpu-compositing --no-sandbox --ignore-gpu-blocklist --enable-gpu --use-angle=vulkan --enable-features=Vulkan --disable-vulkan-surface'
"$home/node" bench/gpu/chromium.mjs --home "$home" --out "$OUT" --name "${NAME:-chromium}" --flags="$headless ${FLAGS:-}" "$@"
