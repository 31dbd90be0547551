#!/usr/bin/env bash
# The engine on a real GPU, from what bench/gpu/pack.sh packed. No network is needed.
#
#   bench/gpu/run.sh PART...      in under ten minutes, unless named: adapters tiers kernels unchecked standard steps pytorch
#                                 and more: tests upload verify full quick generate streaming matrix peers
#
# Each part prints as it goes and writes $OUT/PART.json where it has one. OUT is gpu-results/ unless set.
set -uo pipefail
cd "$(dirname "$0")/../.."
OUT=${OUT:-gpu-results}
mkdir -p "$OUT"

home=${WANSCOPE_GPU_HOME:-/tmp/wanscope-gpu}
mkdir -p "$home/node_modules/webgpu/dist/linux-x64"
# The machine may have been packed for before. An archive that was unpacked is kept, to tell whether this is still the same.
unpack() { # NAME COMMAND [ARGUMENT]...
  cmp -s ".gpu/$1" "$home/$1" || { "${@:2}" < ".gpu/$1" && cp ".gpu/$1" "$home/$1"; }
}
unxz_to() { xz -dc > "$1.new" && chmod +x "$1.new" && mv "$1.new" "$1"; }
unpack node.xz unxz_to "$home/node"
unpack dawn.node.xz unxz_to "$home/node_modules/webgpu/dist/linux-x64/dawn.node"
cp .gpu/index.js .gpu/package.json "$home/node_modules/webgpu/"
rm -rf "$home/cli" "$home/peers"
cp -r .gpu/cli "$home/cli"
[ ! -f .gpu/peers.tar.xz ] || { cp -r .gpu/peers "$home/peers" && unpack peers.tar.xz tar -xJ -C "$home"; }
# Beside Node, not in the system: nothing is installed.
[ -d "$home/vulkan" ] || for deb in .gpu/*.deb; do dpkg -x "$deb" "$home/vulkan"; done
export LD_LIBRARY_PATH="$home/vulkan/usr/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}
for icd in /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json /usr/share/vulkan/icd.d/nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd.json; do
  [ -z "${VK_DRIVER_FILES:-}" ] && [ -f "$icd" ] && export VK_DRIVER_FILES=$icd
done
wanscope() { "$home/node" "$home/cli/main.js" "$@"; }
part() { echo; echo "=== $1 ($(date +%T))"; }

for name in "${@:-adapters tiers kernels unchecked standard steps pytorch}"; do
  for each in $name; do
    part "$each"
    case $each in
      tests) # the suite `hardware` of `npm test`, packed with TESTS=1
        [ -d node_modules/vitest ] || tar -xJf .gpu/tests.tar.xz
        [ -d node_modules/webgpu ] || cp -r "$home/node_modules/webgpu" node_modules/
        PATH="$home:$PATH" node node_modules/vitest/vitest.mjs run --project hardware \
          --reporter=default --reporter=json --outputFile.json="$OUT/tests.json" ;;
      upload) (cd "$home" && WANSCOPE_GPU_HOME=$home ./node "$OLDPWD/bench/gpu/upload.mjs") ;;
      adapters) # with the engine's switches, with none as in a browser, and without checks
        for dawn in usual plain unchecked; do WANSCOPE_DAWN=$dawn wanscope adapters; done ;;
      tiers)
        for tier in A B C; do
          WANSCOPE_TIER=$tier wanscope verify public/golden/*.safetensors test/golden/full/*.safetensors
          [ $tier = C ] || WANSCOPE_TIER=$tier \
            wanscope verify public/golden/*.safetensors test/golden/full/*.safetensors --precision f16
        done ;;
      unchecked)
        WANSCOPE_DAWN=unchecked wanscope verify public/golden/*.safetensors
        WANSCOPE_DAWN=unchecked wanscope kernels --json "$OUT/kernels-unchecked.json" ;;
      standard) wanscope bench --mode standard --preset "${CLIP:-832x480x33}" --no-tune --json "$OUT/standard.json" ;;
      steps)
        for offload in resident stream; do
          wanscope bench --preset "${CLIP:-832x480x33}" --offload $offload --repeats 3 --no-tune --json "$OUT/steps-$offload.json"
        done ;;
      pytorch) python3 bench/gpu/pytorch.py "$OUT/pytorch.json" ;;
      verify)
        wanscope verify public/golden/*.safetensors
        wanscope verify public/golden/*.safetensors --precision f16 ;;
      full)
        wanscope verify test/golden/full/*.safetensors
        wanscope verify test/golden/full/*.safetensors --precision f16 ;;
      peers)
        PEERS="$home/peers/main.js" "$home/node" \
          -e 'import(process.env.PEERS).then(async ({ main }) => process.exit(await main(process.argv.slice(1), ".")))' \
          -- --adapter hardware --json "$OUT/peers.json" ;;
      kernels) wanscope kernels --json "$OUT/kernels.json" ;;
      quick) wanscope bench --json "$OUT/quick.json" ;;
      generate)
        wanscope generate --model public/demo --prompt 'a red circle moving right on a black background' --seed 0 \
          --fresh --out "$OUT/red.png" --json "$OUT/generate.json" ;;
      streaming)
        for preset in ${PRESETS:-256x256x5 640x352x17 832x480x33 832x480x81}; do
          [ -n "${SKIP_RESIDENT:-}" ] ||
          wanscope bench --preset "$preset" --offload resident --repeats 3 --json "$OUT/resident-$preset.json"
          wanscope bench --preset "$preset" --offload stream --repeats 3 --json "$OUT/stream-$preset.json"
          wanscope bench --preset "$preset" --offload stream --memory 6GiB --repeats 3 --json "$OUT/stream-6gib-$preset.json"
        done ;;
      matrix)
        wanscope bench --matrix --preset "${CLIPS:-256x256x5,640x352x17}" --weights "${WEIGHTS:-bf16}" \
          --offload "${OFFLOADS:-resident,partial,stream}" --batch "${BATCHES:-1,2,4}" --json "$OUT/matrix.json" ;;
      *) echo "There is no part $each." >&2; exit 2 ;;
    esac
  done
done
