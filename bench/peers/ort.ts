/**
 * ONNX Runtime Web on the same device, with graphs of one node made here: constants as it wants them, inputs and
 * outputs in GPU memory that it is lent, so that a run moves nothing.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import type { Device } from '../../src/gpu/device';
import { Memory } from '../../src/gpu/memory';
import { externalTensor } from '../../src/gpu/tensor';
import { readNumbers, writeNumbers } from '../../src/gpu/transfer';
import type { Engine, Prepared } from './engine';
import { type OnnxConstant, type OnnxNode, onnxModel } from './onnx_model';
import { type Attention, BLOCK, encode, type Product, permute, resultShape, type Work } from './work';

/** Its MultiHeadAttention is wrong by 3 % with subgroups of 8 (llvmpipe): below, attention is made of single operations. */
const FLASH_SUBGROUP = 16;
const DATA_TYPE = { f32: 'float32', f16: 'float16' };

/** `gpu` is where the device came from: the package looks for it at `navigator.gpu`. */
export async function openOrt(gpu: GPU, { device, adapter, machine }: Device): Promise<Engine> {
  // V8 would optimise its WebAssembly for a minute, on the cores that an adapter of software computes on. It is not
  // what takes the time: 0.4 ms a run without.
  if (machine.software) for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
  lendNavigator(gpu);
  copyWrites();
  const ort = await import('onnxruntime-web/webgpu');
  const require = createRequire(import.meta.url);
  ort.env.wasm.wasmBinary = (
    await readFile(require.resolve('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm'))
  ).buffer;
  ort.env.wasm.numThreads = 1; // the work is the GPU's
  ort.env.logLevel = 'error';
  const memory = new Memory(device);
  const fusesAttention = (adapter.info.subgroupMinSize ?? 0) >= FLASH_SUBGROUP;

  async function prepare(work: Work): Promise<Prepared> {
    const { inputs, constants, nodes, shape, order } = recipe(work, fusesAttention);
    const values = inputs.map(({ name, shape }) => ({ name, type: work.type, shape }));
    const model = onnxModel({
      inputs: values,
      outputs: [{ name: 'result', type: work.type, shape }],
      constants,
      nodes,
    });
    const session: InferenceSession = await ort.InferenceSession.create(model, {
      executionProviders: [{ name: 'webgpu', device }],
    });
    const operands = inputs.map(({ name, shape }) => externalTensor(name, shape, work.type));
    const result = externalTensor('result', shape, work.type);
    await memory.allocate([...operands, result]);
    operands.forEach((operand, index) => writeNumbers(memory, operand, inputs[index]!.values));
    const lent = (tensor: typeof result): Tensor =>
      ort.Tensor.fromGpuBuffer(memory.bufferOf(tensor), { dataType: DATA_TYPE[work.type], dims: tensor.shape });
    const feeds = Object.fromEntries(operands.map((operand) => [operand.storage.label, lent(operand)]));
    const fetches = { result: lent(result) };
    return {
      async run(times) {
        for (let i = 0; i < times; i++) await session.run(feeds, fetches);
      },
      async result() {
        const numbers = await readNumbers(memory, result);
        return order ? permute(numbers, shape, order) : numbers;
      },
      async release() {
        await session.release();
        memory.free([...operands, result]);
      },
    };
  }
  return { name: 'ort', prepare };
}

function lendNavigator(gpu: GPU): void {
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'Node' }, configurable: true });
}

/** Dawn in Node crashes on memory that threads share, as this package's always is: its writes need copies. */
function copyWrites(): void {
  const write = GPUQueue.prototype.writeBuffer;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, start, size) {
    const isShared = data instanceof Uint8Array && data.buffer instanceof SharedArrayBuffer;
    write.call(this, buffer, offset, (isShared ? data.slice() : data) as Uint8Array<ArrayBuffer>, start, size);
  };
}

interface Recipe {
  readonly inputs: readonly { name: string; shape: readonly number[]; values: Float32Array }[];
  readonly constants: readonly OnnxConstant[];
  readonly nodes: readonly OnnxNode[];
  readonly shape: readonly number[];
  /** From the shape to our layout. */
  readonly order?: readonly number[];
}

function recipe(work: Work, fusesAttention: boolean): Recipe {
  if (work.kind === 'attention') return fusesAttention ? fusedAttention(work) : attention(work);
  if (work.kind === 'convolution') {
    const { frames, height, width, channels, columns } = work;
    const weight = permute(work.weight, [columns, 27, channels], [0, 2, 1]);
    const pixels = permute(work.pixels, [frames * height * width, channels], [1, 0]);
    return {
      inputs: [{ name: 'pixels', shape: [1, channels, frames, height, width], values: pixels }],
      constants: [constant('weight', work.type, [columns, channels, 3, 3, 3], weight)],
      nodes: [
        {
          operator: 'Conv',
          inputs: ['pixels', 'weight'],
          outputs: ['result'],
          attributes: { kernel_shape: [3, 3, 3], pads: [2, 1, 1, 0, 1, 1] },
        },
      ],
      shape: [1, columns, frames, height, width],
      order: [0, 2, 3, 4, 1],
    };
  }
  const { rows, columns, depth, blocks, type } = work;
  const inputs = [{ name: 'left', shape: [rows, depth], values: work.left }];
  if (blocks) return { inputs, ...quantisedProduct(work, blocks), shape: resultShape(work) };
  return {
    inputs,
    constants: [constant('weight', type, [depth, columns], permute(work.weight, [columns, depth], [1, 0]))],
    nodes: [{ operator: 'MatMul', inputs: ['left', 'weight'], outputs: ['result'] }],
    shape: resultShape(work),
  };
}

function fusedAttention({ tokens, heads, head, ...work }: Attention): Recipe {
  const shape = [1, tokens, heads * head];
  const names = ['query', 'key', 'value'] as const;
  const attributes = { num_heads: heads };
  return {
    inputs: names.map((name) => ({ name, shape, values: work[name] })),
    constants: [],
    nodes: [
      { operator: 'MultiHeadAttention', domain: 'com.microsoft', inputs: names, outputs: ['result'], attributes },
    ],
    shape,
  };
}

/** In single operations, heads first, and the keys as the product wants them. */
function attention({ tokens, heads, head, type, query, key, value }: Attention): Recipe {
  const from = [tokens, heads, head];
  return {
    inputs: [
      { name: 'query', shape: [heads, tokens, head], values: permute(query, from, [1, 0, 2]) },
      { name: 'key', shape: [heads, head, tokens], values: permute(key, from, [1, 2, 0]) },
      { name: 'value', shape: [heads, tokens, head], values: permute(value, from, [1, 0, 2]) },
    ],
    constants: [constant('scale', type, [], Float32Array.of(1 / Math.sqrt(head)))],
    nodes: [
      { operator: 'MatMul', inputs: ['query', 'key'], outputs: ['products'] },
      { operator: 'Mul', inputs: ['products', 'scale'], outputs: ['logits'] },
      { operator: 'Softmax', inputs: ['logits'], outputs: ['shares'], attributes: { axis: 2 } },
      { operator: 'MatMul', inputs: ['shares', 'value'], outputs: ['heard'] },
      { operator: 'Transpose', inputs: ['heard'], outputs: ['result'], attributes: { perm: [1, 0, 2] } },
    ],
    shape: from,
  };
}

/** MatMulNBits without zero points, which are then the middle: 8 of 4 bits, 128 of 8. */
function quantisedProduct({ columns, depth, type, weight }: Product, { type: format, scales }: Blocks) {
  const bits = format === 'q8_0' ? 8 : 4;
  const middle = 2 ** (bits - 1);
  const whole = (index: number) => Math.round(weight[index]! / scales[Math.floor(index / BLOCK)]!) + middle;
  const perByte = 8 / bits;
  const bytes = new Uint8Array(weight.length / perByte);
  for (let i = 0; i < weight.length; i++) bytes[Math.floor(i / perByte)]! |= whole(i) << (bits * (i % perByte));
  const perRow = depth / BLOCK;
  return {
    constants: [
      { name: 'weight', type: 'u8' as const, shape: [columns, perRow, BLOCK / perByte], bytes },
      constant('scales', type, [columns * perRow], scales),
    ],
    nodes: [
      {
        operator: 'MatMulNBits',
        domain: 'com.microsoft' as const,
        inputs: ['left', 'weight', 'scales'],
        outputs: ['result'],
        attributes: { K: depth, N: columns, bits, block_size: BLOCK },
      },
    ],
  };
}

type Blocks = NonNullable<Product['blocks']>;

function constant(name: string, type: 'f32' | 'f16', shape: readonly number[], values: Float32Array): OnnxConstant {
  const { buffer, byteOffset, byteLength } = encode(values, type);
  return { name, type, shape, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
}
