/** Numbers in and out of tensors. Half precision is converted here, since Node 20 has no Float16Array. */
import { AppError } from '../core/errors';
import { decodeWeights } from '../weights/weight_types';
import type { Memory } from './memory';
import { ELEMENT_BYTES, type ElementType, elements, type Tensor, tensorBytes } from './tensor';
import { awaitGpu } from './waiting';

/** Raw bytes, as stored in a file, into a tensor. */
export function writeBytes(memory: Memory, tensor: Tensor, bytes: Uint8Array<ArrayBuffer>, atByte = 0): void {
  const buffer = memory.bufferOf(tensor);
  const whole = bytes.length - (bytes.length % 4);
  for (let start = 0; start < whole; start += memory.writeBytes) {
    const count = Math.min(memory.writeBytes, whole - start);
    memory.device.queue.writeBuffer(buffer, tensor.offsetBytes + atByte + start, bytes, start, count);
  }
  if (whole < bytes.length) {
    const tail = new Uint8Array(4);
    tail.set(bytes.subarray(whole));
    memory.device.queue.writeBuffer(buffer, tensor.offsetBytes + atByte + whole, tail);
  }
}

/** Rounding to a type that numbers can be written as. Stored blocks are made by their own tools and only written as bytes. */
const ENCODERS: Partial<Record<ElementType, (values: ArrayLike<number>) => { readonly buffer: ArrayBuffer }>> = {
  f32: (values) => Float32Array.from(values),
  f16: (values) => Uint16Array.from(values, encodeF16),
  bf16: (values) => Uint16Array.from(values, encodeBf16),
  u32: (values) => Uint32Array.from(values),
};

/** Numbers into a tensor of f32, f16, bf16 or u32, rounded to it. Other types throw AppError shape-mismatch. */
export function writeNumbers(memory: Memory, tensor: Tensor, values: ArrayLike<number>): void {
  if (values.length !== elements(tensor.shape))
    throw new AppError(
      'shape-mismatch',
      `${tensor.storage.label} has ${elements(tensor.shape)} elements and got ${values.length}.`,
    );
  const encode = ENCODERS[tensor.type];
  if (!encode)
    throw new AppError(
      'shape-mismatch',
      `${tensor.storage.label} is stored as ${tensor.type}, which numbers cannot be written as; only ${Object.keys(ENCODERS).join(', ')}. Write its bytes instead.`,
    );
  writeBytes(memory, tensor, new Uint8Array(encode(values).buffer));
}

/**
 * The tensor's numbers, after all submitted work. Throws AppError out-of-memory where there is none to copy them to,
 * gpu-failed, device-lost, and cancelled at once.
 */
export async function readNumbers(
  memory: Memory,
  tensor: Tensor,
  signal?: AbortSignal,
): Promise<Float32Array<ArrayBuffer>> {
  const copy = await readBytes(memory, tensor, signal);
  const count = elements(tensor.shape);
  if (tensor.type === 'f32') return new Float32Array(copy.buffer, 0, count); // frames are large: no second copy
  if (tensor.type === 'u32') return Float32Array.from(new Uint32Array(copy.buffer, 0, count));
  return decodeWeights(tensor.type, copy.subarray(0, count * ELEMENT_BYTES[tensor.type]));
}

/** The tensor as it is stored, in whole words; otherwise as `readNumbers`. */
export async function readBytes(
  memory: Memory,
  tensor: Tensor,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { device } = memory;
  const source = memory.bufferOf(tensor);
  const size = tensorBytes(tensor);
  device.pushErrorScope('validation');
  device.pushErrorScope('out-of-memory');
  const staging = device.createBuffer({
    label: 'read-back',
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const refused = device.popErrorScope();
  try {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(source, tensor.offsetBytes, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(GPUMapMode.READ);
    const invalid = device.popErrorScope();
    mapped.catch(() => {}); // the scopes say why
    const [noMemory, failure] = await awaitGpu(device, Promise.all([refused, invalid]), signal);
    if (noMemory) throw memory.refusal(size);
    if (failure)
      throw new AppError('gpu-failed', `The GPU refused to copy ${tensor.storage.label}: ${failure.message}`);
    await awaitGpu(device, mapped, signal);
    return new Uint8Array(staging.getMappedRange().slice(0));
  } finally {
    staging.destroy();
  }
}

const word = new DataView(new ArrayBuffer(4));

/** Round to nearest, ties to even. */
export function encodeBf16(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  word.setFloat32(0, value);
  const bits = word.getUint32(0);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** Round to nearest, ties to even. */
export function encodeF16(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundEven(magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  const fraction = roundEven((magnitude / 2 ** exponent - 1) * 1024);
  return (sign | ((exponent + 15) << 10)) + fraction; // a full fraction carries into the exponent
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** Copy between two external tensors of the same size, in queue order. */
export function copyTensor(memory: Memory, source: Tensor, target: Tensor): void {
  if (tensorBytes(source) !== tensorBytes(target))
    throw new AppError(
      'shape-mismatch',
      `${source.storage.label} has ${tensorBytes(source)} bytes, ${target.storage.label} has ${tensorBytes(target)}.`,
    );
  const encoder = memory.device.createCommandEncoder();
  encoder.copyBufferToBuffer(
    memory.bufferOf(source),
    source.offsetBytes,
    memory.bufferOf(target),
    target.offsetBytes,
    tensorBytes(source),
  );
  memory.device.queue.submit([encoder.finish()]);
}

/** Copy `count` f32 elements, from element `start` of one external tensor to element `to` of another. */
export function copyPart(
  memory: Memory,
  source: Tensor,
  start: number,
  target: Tensor,
  to: number,
  count: number,
): void {
  const encoder = memory.device.createCommandEncoder();
  encoder.copyBufferToBuffer(
    memory.bufferOf(source),
    source.offsetBytes + start * 4,
    memory.bufferOf(target),
    target.offsetBytes + to * 4,
    count * 4,
  );
  memory.device.queue.submit([encoder.finish()]);
}
