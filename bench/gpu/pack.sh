#!/usr/bin/env bash
# Puts into .gpu/ what a Linux machine with a GPU and no network needs to run the command line: Node, Dawn, the
# Vulkan loader, the built CLI; about 33 MB. Run this where there is a network, then bench/gpu/run.sh there.
set -euo pipefail
cd "$(dirname "$0")/../.."
node scripts/build.mjs cli
mkdir -p .gpu
[ -f .gpu/node.xz ] || xz -T0 -6 -c "$(readlink -f "$(command -v node)")" > .gpu/node.xz
[ -f .gpu/dawn.node.xz ] || xz -T0 -6 -c node_modules/webgpu/dist/linux-x64/dawn.node > .gpu/dawn.node.xz
# The Vulkan loader, and what NVIDIA's driver loads before it answers.
ls .gpu/libvulkan1_*.deb > /dev/null 2>&1 ||
  (cd .gpu && apt-get download -q libvulkan1 libegl1 libglvnd0 libopengl0 libgl1 libglx0 libgles2)
cp node_modules/webgpu/index.js node_modules/webgpu/package.json .gpu/
rm -rf .gpu/cli && cp -r dist/cli .gpu/cli
du -sh .gpu
