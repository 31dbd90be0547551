/**
 * How fast bytes get from this process into GPU memory, by each way WebGPU has.
 * Plain Node: `node bench/gpu/upload.mjs` beside node_modules/webgpu. Prints GB/s.
 */
import { open, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(
  process.env.WANSCOPE_GPU_HOME ? pathToFileURL(`${process.env.WANSCOPE_GPU_HOME}/x.js`) : import.meta.url,
);
const { create, globals } = await import(pathToFileURL(require.resolve('webgpu')).href);
Object.assign(globalThis, globals);
const gpu = create(['enable-dawn-features=allow_unsafe_apis']);
const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
console.log(adapter.info.description || adapter.info.device);

const MIB = 2 ** 20;
const TOTAL = Number(process.env.TOTAL_MIB ?? 1024) * MIB;
const source = new Uint8Array(new Uint32Array((128 * MIB) / 4).map((_, i) => Math.imul(i, 0x9e3779b1)).buffer);
const target = device.createBuffer({ size: 128 * MIB, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });

async function rate(label, run) {
  await run(TOTAL / 8);
  const began = performance.now();
  await run(TOTAL);
  await device.queue.onSubmittedWorkDone();
  console.log(label.padEnd(52), (TOTAL / (performance.now() - began) / 1e6).toFixed(2), 'GB/s');
}

await rate('Uint8Array.set, memory to memory', async (bytes) => {
  const copy = new Uint8Array(64 * MIB);
  for (let at = 0; at < bytes; at += copy.length)
    copy.set(source.subarray(at % (128 * MIB), (at % (128 * MIB)) + copy.length));
});

for (const size of [1, 4, 16, 64].map((count) => count * MIB))
  for (const every of [0, 64]) {
    await rate(`writeBuffer ${size / MIB} MiB${every ? `, a submit every ${every} MiB` : ''}`, async (bytes) => {
      let since = 0;
      let before = Promise.resolve();
      for (let at = 0; at < bytes; at += size) {
        device.queue.writeBuffer(target, at % (128 * MIB), source, at % (128 * MIB), size);
        since += size;
        if (every && since >= every * MIB) {
          since = 0;
          device.queue.submit([]);
          const wait = before;
          before = device.queue.onSubmittedWorkDone();
          await wait;
        }
      }
    });
  }

/** A ring of mapped buffers; `fill` writes one, the queue copies it on. */
async function mappedRing(bytes, size, count, fill) {
  const ring = Array.from({ length: count }, () => {
    const buffer = device.createBuffer({ size, usage: GPUBufferUsage.MAP_WRITE | GPUBufferUsage.COPY_SRC });
    return { buffer, ready: buffer.mapAsync(GPUMapMode.WRITE) };
  });
  let at = 0;
  const work = async (slot) => {
    while (at < bytes) {
      const mine = at;
      at += size;
      await slot.ready;
      await fill(new Uint8Array(slot.buffer.getMappedRange()), mine);
      slot.buffer.unmap();
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(slot.buffer, 0, target, mine % (128 * MIB), size);
      device.queue.submit([encoder.finish()]);
      slot.ready = slot.buffer.mapAsync(GPUMapMode.WRITE);
    }
    await slot.ready;
    slot.buffer.unmap();
  };
  await Promise.all(ring.map(work));
  for (const { buffer } of ring) buffer.destroy();
}

for (const [size, count] of [
  [4, 8],
  [16, 4],
  [16, 8],
  [32, 8],
])
  await rate(`mapped ring ${count} × ${size} MiB, Uint8Array.set`, (bytes) =>
    mappedRing(bytes, size * MIB, count, async (into, at) => {
      into.set(source.subarray(at % (128 * MIB), (at % (128 * MIB)) + into.length));
    }),
  );

const path = process.env.SCRATCH ?? '/dev/shm/wanscope-upload';
await writeFile(path, source);
const file = await open(path, 'r');
for (const [size, count] of [
  [4, 8],
  [16, 4],
  [16, 8],
]) {
  await rate(`mapped ring ${count} × ${size} MiB, read() straight into it`, (bytes) =>
    mappedRing(bytes, size * MIB, count, async (into, at) => {
      await file.read(into, 0, into.length, at % (128 * MIB));
    }),
  );
}
await rate('read() 4 MiB, then writeBuffer, 6 at once', async (bytes) => {
  let at = 0;
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      while (at < bytes) {
        const mine = at % (128 * MIB);
        at += 4 * MIB;
        const chunk = new Uint8Array(4 * MIB);
        await file.read(chunk, 0, chunk.length, mine);
        device.queue.writeBuffer(target, mine, chunk);
      }
    }),
  );
});
await file.close();
process.exit(0);
