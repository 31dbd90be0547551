#!/usr/bin/env bash
# Puts into .gpu/ what a Linux machine with a GPU and no network needs to run the command line: Node, Dawn, the
# Vulkan loader, the built CLI; about 33 MB, 40 with `npm run peers`'s, 14 more with the tests. Run this where there is a
# network, then bench/gpu/run.sh there.
#
#   [TESTS=1] bench/gpu/pack.sh       TESTS: what `run.sh tests` needs, too
set -euo pipefail
cd "$(dirname "$0")/../.."
node scripts/build.mjs cli
mkdir -p .gpu
# Again where it is another one now: by what is in it, since an installed file may be older than what was packed of another.
packed() { xz -dc ".gpu/$1.xz" 2> /dev/null | cmp -s - "$2" || xz -T0 -6 -c "$2" > ".gpu/$1.xz"; }
packed node "$(readlink -f "$(command -v node)")"
packed dawn.node node_modules/webgpu/dist/linux-x64/dawn.node
# The Vulkan loader, and what NVIDIA's driver loads before it answers.
ls .gpu/libvulkan1_*.deb > /dev/null 2>&1 ||
  (cd .gpu && apt-get download -q libvulkan1 libegl1 libglvnd0 libopengl0 libgl1 libglx0 libgles2)
cp node_modules/webgpu/index.js node_modules/webgpu/package.json .gpu/
rm -rf .gpu/cli && cp -r dist/cli .gpu/cli
# Where `npm run peers` has installed them: the engines that `run.sh peers` compares with, each in the one build it uses.
if [ -d bench/peers/node_modules ]; then
  node node_modules/vite/bin/vite.js build --ssr bench/peers/peers.ts --outDir .gpu/peers --emptyOutDir --logLevel warn
  [ .gpu/peers.tar.xz -nt bench/peers/node_modules/.package-lock.json ] || tar -cJf .gpu/peers.tar.xz -C bench/peers \
    node_modules/onnxruntime-web/{package.json,dist/ort.webgpu.bundle.min.mjs,dist/ort-wasm-simd-threaded.asyncify.wasm} \
    node_modules/@tensorflow/tfjs-core/{package.json,dist/tf-core.node.js} \
    node_modules/@tensorflow/tfjs-backend-webgpu/{package.json,dist/tf-backend-webgpu.node.js} \
    node_modules/seedrandom
fi
# Without what only the browser's and the interface's tests need, and Dawn, which is there already.
[ -z "${TESTS:-}" ] || tar -cJf .gpu/tests.tar.xz --exclude=node_modules/{webgpu,@biomejs,typescript,happy-dom,playwright,playwright-core,@types,axe-core,.vite} node_modules
du -sh .gpu
