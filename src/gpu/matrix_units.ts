/**
 * The matrix units, where the device lends them: `chromium_experimental_subgroup_matrix`,
 * which is no standard yet. Which sizes they multiply is the adapter's to say;
 * which of two syntaxes the browser speaks is found by compiling.
 */
import { multipliesRightly } from './matrix_probe';

/** One product: (rows, depth) · (depth, columns) of f16, added to (rows, columns) of f32 by a whole subgroup. */
export interface MatrixUnits {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  /** `flagged`: as before June 2026, with a bool for the layout in memory; `named`: with `row_major`. */
  readonly syntax: 'named' | 'flagged';
  /** A workgroup must be a multiple of the largest subgroup; and how many subgroups are in one at most. */
  readonly workgroup: number;
  readonly subgroups: number;
}

/** As the adapter's info lists them, if it knows of them: what it multiplies, in what it sums, and sizes. */
export interface MatrixConfig {
  readonly componentType: string;
  readonly resultComponentType: string;
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

const WORKGROUP = 128;

/** Null where there are none, none that sum f16 in f32 (Apple's do not), or none that do it rightly. */
export async function findMatrixUnits(device: GPUDevice, info: GPUAdapterInfo): Promise<MatrixUnits | null> {
  const { features } = device;
  if (!features.has('chromium-experimental-subgroup-matrix' as GPUFeatureName) || !features.has('shader-f16'))
    return null;
  const listed = 'subgroupMatrixConfigs' in info ? (info.subgroupMatrixConfigs as Iterable<MatrixConfig>) : [];
  const largest = largestConfig(listed);
  if (!largest) return null;
  const { subgroupMinSize = 4, subgroupMaxSize = WORKGROUP } = info;
  const workgroup = Math.max(WORKGROUP, subgroupMaxSize);
  const units: MatrixUnits = {
    rows: largest.M,
    columns: largest.N,
    depth: largest.K,
    syntax: (await compiles(device, NAMED)) ? 'named' : 'flagged',
    workgroup,
    subgroups: workgroup / subgroupMinSize,
  };
  // Kernels are written in the newer syntax; the older one only serves the roof, which checks its own sums.
  return units.syntax === 'flagged' || (await multipliesRightly(device, units)) ? units : null;
}

/** Of those that sum f16 in f32, the one that does most at once. */
export function largestConfig(configs: Iterable<MatrixConfig>): MatrixConfig | undefined {
  return [...configs]
    .filter(({ componentType, resultComponentType }) => componentType === 'f16' && resultComponentType === 'f32')
    .sort((a, b) => b.M * b.N * b.K - a.M * a.N * a.K)[0];
}

const NAMED = `enable chromium_experimental_subgroup_matrix;
@group(0) @binding(0) var<storage, read_write> result: array<f32>;
@compute @workgroup_size(${WORKGROUP}) fn probe() {
  subgroupMatrixStore<row_major>(&result, 0, subgroup_matrix_result<f32, 8, 8>(), 8);
}`;

async function compiles(device: GPUDevice, code: string): Promise<boolean> {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ label: 'matrix units', code });
  void device.popErrorScope();
  const { messages } = await module.getCompilationInfo();
  return messages.every(({ type }) => type !== 'error');
}
