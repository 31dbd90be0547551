/** Kernels as one writes them first, one result an invocation: what all the tiling is worth. */
import { Memory } from '../../src/gpu/memory';
import { externalTensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import type { Engine, Prepared } from './engine';
import attention from './naive_attention.wgsl?raw';
import convolution from './naive_convolution.wgsl?raw';
import product from './naive_product.wgsl?raw';
import { resultShape, type Work } from './work';

export function openNaive(device: GPUDevice): Engine {
  return { name: 'naive', prepare: (work) => prepare(device, new Memory(device), work) };
}

async function prepare(device: GPUDevice, memory: Memory, work: Work): Promise<Prepared | null> {
  if (work.kind === 'product' && work.blocks) return null;
  const { source, size, operands, groups } = recipe(work);
  const half = work.type === 'f16' ? 'enable f16;\n' : '';
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code: `${half}alias Element = ${work.type};\n${source}` }) },
  });
  const tensors = operands.map((values, index) => externalTensor(`operand ${index}`, [values.length], work.type));
  const result = externalTensor('result', resultShape(work), work.type);
  const words = device.createBuffer({
    size: 4 * size.length,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(words, 0, Uint32Array.from(size));
  await memory.allocate([...tensors, result]);
  tensors.forEach((tensor, index) => writeNumbers(memory, tensor, operands[index]!));
  const buffers = [words, ...[...tensors, result].map((tensor) => memory.bufferOf(tensor))];
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  return {
    async run(times) {
      const encoder = device.createCommandEncoder();
      for (let i = 0; i < times; i++) {
        const pass = encoder.beginComputePass();
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindings);
        pass.dispatchWorkgroups(...groups);
        pass.end();
      }
      device.queue.submit([encoder.finish()]);
    },
    result: () => readNumbers(memory, result),
    async release() {
      words.destroy();
      memory.free([...tensors, result]);
    },
  };
}

interface Recipe {
  readonly source: string;
  /** Words of the uniform. */
  readonly size: readonly number[];
  readonly operands: readonly Float32Array[];
  readonly groups: readonly [number, number, number];
}

function recipe(work: Work): Recipe {
  if (work.kind === 'product') {
    const { rows, columns, depth, left, weight } = work;
    return {
      source: product,
      size: [rows, columns, depth],
      operands: [left, weight],
      groups: [Math.ceil(columns / 8), Math.ceil(rows / 8), 1],
    };
  }
  if (work.kind === 'attention') {
    const { tokens, heads, query, key, value } = work;
    return {
      source: attention,
      size: [tokens, heads],
      operands: [query, key, value],
      groups: [Math.ceil(tokens / 64), heads, 1],
    };
  }
  const { frames, height, width, channels, columns, pixels, weight } = work;
  return {
    source: convolution,
    size: [frames, height, width, channels, columns],
    operands: [pixels, weight],
    groups: [Math.ceil(columns / 64), width * height, frames],
  };
}
