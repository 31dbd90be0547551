/**
 * Do the matrix units multiply as they should? Asked once, when the device is opened: an experimental feature of a
 * driver may compile and still be wrong, and then nothing that runs on it can be trusted.
 */
import type { MatrixUnits } from './matrix_units';
import { encodeF16 } from './transfer';

/** Whole numbers so small that every sum is exact; no row or column is like another, so that a wrong layout shows. */
const leftAt = (row: number, k: number): number => ((row * 5 + k * 3 + row * k) % 11) - 5;
const rightAt = (k: number, column: number): number => ((k * 7 + column * 2 + k * column) % 13) - 6;

/** One product through workgroup memory, as kernels do it, added to a sum that is not zero. */
export const probeSource = ({ rows, columns, depth, workgroup }: MatrixUnits) => `enable f16;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
alias Left = subgroup_matrix_left<f16, ${depth}, ${rows}>;
alias Right = subgroup_matrix_right<f16, ${columns}, ${depth}>;
alias Sum = subgroup_matrix_result<f32, ${columns}, ${rows}>;
const FACTORS = ${(rows + columns) * depth}u;
@group(0) @binding(0) var<storage, read> given: array<f16>;
@group(0) @binding(1) var<storage, read_write> result: array<f32>;
var<workgroup> factors: array<f16, FACTORS>;
@compute @workgroup_size(${workgroup}) fn probe(@builtin(local_invocation_index) lane: u32) {
  for (var at = lane; at < FACTORS; at += ${workgroup}u) { factors[at] = given[at]; }
  workgroupBarrier();
  let left = subgroupMatrixLoad<Left, row_major>(&factors, 0u, ${depth}u);
  let right = subgroupMatrixLoad<Right, col_major>(&factors, ${rows * depth}u, ${depth}u);
  var sum = Sum();
  sum = subgroupMatrixMultiplyAccumulate(left, right, sum);
  sum = subgroupMatrixMultiplyAccumulate(left, right, sum);
  subgroupMatrixStore<row_major>(&result, 0u, sum, ${columns}u);
}`;

/** Twice left · right, element for element. False, too, where the kernel does not compile or run. */
export async function multipliesRightly(device: GPUDevice, units: MatrixUnits): Promise<boolean> {
  const { rows, columns, depth } = units;
  const at = <T>(count: number, value: (index: number) => T) =>
    Array.from({ length: count }, (_, index) => value(index));
  const factors = Uint16Array.from([
    ...at(rows * depth, (i) => encodeF16(leftAt(Math.floor(i / depth), i % depth))),
    ...at(columns * depth, (i) => encodeF16(rightAt(i % depth, Math.floor(i / depth)))),
  ]);
  const expected = at(rows * columns, (i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return at(depth, (k) => 2 * leftAt(row, k) * rightAt(k, column)).reduce((sum, term) => sum + term, 0);
  });
  const buffer = (size: number, usage: number) => device.createBuffer({ label: 'matrix probe', size, usage });
  const given = buffer(factors.byteLength, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
  const result = buffer(rows * columns * 4, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC);
  const read = buffer(rows * columns * 4, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  try {
    const pipeline = await device.createComputePipelineAsync({
      layout: 'auto',
      compute: { module: device.createShaderModule({ label: 'matrix probe', code: probeSource(units) }) },
    });
    const entries = [given, result].map((resource, binding) => ({ binding, resource: { buffer: resource } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(result, 0, read, 0, read.size);
    device.queue.writeBuffer(given, 0, factors);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    const sums = new Float32Array(read.getMappedRange());
    return expected.every((sum, index) => sums[index] === sum);
  } catch {
    return false; // it does not compile, or the device went: the tiers below need neither
  } finally {
    for (const each of [given, result, read]) each.destroy();
  }
}
