/**
 * The GPU device, made in this one place from a `GPU` object: `navigator.gpu`
 * in a worker, Dawn's in Node. Asks for everything in the tables below that the
 * adapter has, and says which kernel tier that makes.
 */
import type { Ceiling } from '../core/cost';
import { AppError } from '../core/errors';
import type { Machine } from '../core/result';
import { findMatrixUnits, type MatrixUnits } from './matrix_units';

export type Tier = 'A' | 'B' | 'C';

/** Every feature the engine can use, and what for. All are optional. */
export const FEATURES: readonly (readonly [string, string])[] = [
  ['shader-f16', 'half-precision activations: half the bytes, and what matrix units multiply'],
  ['subgroups', 'invocations read what others hold, and share matrix units'],
  ['timestamp-query', 'kernel times from the GPU itself'],
  ['chromium-experimental-subgroup-matrix', 'matrix units (tier A)'],
];

/** What a tier does without. */
const LEFT_OUT: Readonly<Record<Tier, readonly string[]>> = {
  A: [],
  B: ['chromium-experimental-subgroup-matrix'],
  C: ['chromium-experimental-subgroup-matrix', 'subgroups', 'shader-f16'],
};

/** Every limit raised above WebGPU's default, and why. Each is asked for as far as the adapter goes. */
export const LIMITS: readonly (readonly [keyof GPUSupportedLimits, string])[] = [
  ['maxBufferSize', 'activations of 36,080 tokens take 443 MB'],
  ['maxStorageBufferBindingSize', 'a kernel reads all keys of a sequence through one binding'],
  ['maxComputeWorkgroupStorageSize', 'attention keeps a tile of scores beside its operands'],
  ['maxComputeInvocationsPerWorkgroup', 'the tuner tries workgroups of 512'],
  ['maxComputeWorkgroupSizeX', 'the same'],
  ['maxStorageBuffersPerShaderStage', 'fused kernels read up to nine tensors'],
];

/** Share of an assumed rate of arithmetic that our kernels reach: the tuner's usual third. */
export const ASSUMED_SHARE = 1 / 3;

/** A browser that has just begun may start its GPU process twice: Chromium 156 on an H100 gave no adapter at first, and one a second later. */
const STARTING_MS = 1000;

export interface Device {
  readonly device: GPUDevice;
  /** Kept referenced: Dawn in Node crashes when the adapter or GPU is collected before the device. */
  readonly adapter: GPUAdapter;
  readonly machine: Machine;
  readonly tier: Tier;
  /** Null where the device has none, or none that multiply as they should. */
  readonly matrixUnits: MatrixUnits | null;
  /** WGSL has `dot4I8Packed`: four products of 8-bit numbers, added up, in one instruction where the GPU has it. */
  readonly packedDot: boolean;
  /** A rate to plan with until measured: low for the kind of adapter, so that nothing takes too long. */
  readonly assumed: Ceiling;
}

/** `tier`: use no more than that tier has, as a browser without the features would. */
export async function openDevice(gpu: GPU | undefined, runtime: string, tier: Tier = 'A'): Promise<Device> {
  if (!gpu) throw missing('has no WebGPU');
  const adapter = (await askFor(gpu)) ?? (await askAgain(gpu));
  if (!adapter)
    throw new AppError(
      'adapter-refused',
      'WebGPU is there but gives no GPU adapter. Update the graphics driver, or allow hardware acceleration in the browser settings.',
    );
  // Chromium has WebGPU since 113, and this since 127.
  if (!adapter.info) throw missing('has an early WebGPU, whose adapters tell nothing of themselves');

  const requiredFeatures = FEATURES.map(([name]) => name as GPUFeatureName).filter(
    (name) => adapter.features.has(name) && !LEFT_OUT[tier].includes(name),
  );
  const requiredLimits = Object.fromEntries(LIMITS.map(([name]) => [name, adapter.limits[name] as number]));
  const device = await adapter.requestDevice({ label: 'wanscope', requiredFeatures, requiredLimits });

  const machine = describe(adapter, device, runtime);
  const assumed: Ceiling = machine.software
    ? { flopsPerSecond: 6e9, bytesPerSecond: 3e9 }
    : { flopsPerSecond: 2e12, bytesPerSecond: 50e9 };
  return {
    device,
    adapter,
    machine,
    tier: machine.tier,
    matrixUnits: await findMatrixUnits(device, adapter.info),
    packedDot: gpu.wgslLanguageFeatures?.has('packed_4x8_integer_dot_product') ?? false,
    assumed,
  };
}

const askFor = (gpu: GPU) => gpu.requestAdapter({ powerPreference: 'high-performance' });

async function askAgain(gpu: GPU): Promise<GPUAdapter | null> {
  await new Promise((resolve) => setTimeout(resolve, STARTING_MS));
  return askFor(gpu);
}

const missing = (what: string) =>
  new AppError(
    'webgpu-missing',
    `This browser ${what}. Use Chrome or Edge 127, Safari 26, or Firefox 141 and later, over https.`,
  );

function describe(adapter: GPUAdapter, device: GPUDevice, runtime: string): Machine {
  const { info } = adapter;
  return {
    adapter:
      (isDriver(info.description) ? '' : info.description) ||
      info.device ||
      info.description ||
      [info.vendor, info.architecture].filter(Boolean).join(' ') ||
      'unnamed adapter',
    vendor: info.vendor,
    architecture: info.architecture,
    driver: 'driver' in info ? String(info.driver) : '',
    backend: 'backend' in info ? String(info.backend) : '',
    software: isSoftware(adapter),
    tier: tierOf(device),
    features: [...device.features].sort(),
    limits: Object.fromEntries(LIMITS.map(([name]) => [name, device.limits[name] as number])),
    runtime,
    timestamps: device.features.has('timestamp-query'),
  };
}

/** Does a CPU do the work? */
export function isSoftware(adapter: Pick<GPUAdapter, 'info'> & { readonly isFallbackAdapter?: boolean }): boolean {
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const names = [vendor, architecture, device, description].join(' ');
  // Chromium says it of the info since 136, before of the adapter. By the first two names alone, WARP is "microsoft warp".
  const isFallback = isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  return isFallback || /swiftshader|llvmpipe|lavapipe|microsoft (basic render|warp)/i.test(names);
}

/** Dawn on NVIDIA's Vulkan driver describes the driver, `NVIDIA: 580.159.04 580.159.4.0`, and the device is the card. */
const isDriver = (description: string): boolean => /^\w+: [\d. ]+$/.test(description);

function tierOf({ features }: GPUDevice): Tier {
  if (!features.has('shader-f16') || !features.has('subgroups')) return 'C';
  return features.has('chromium-experimental-subgroup-matrix' as GPUFeatureName) ? 'A' : 'B';
}
