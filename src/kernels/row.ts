/** Kernels with a workgroup for each row, whose invocations share sums or maxima: their tuning. */
import alone from '../../shaders/lib/row_alone.wgsl?raw';
import rowMax from '../../shaders/lib/row_max.wgsl?raw';
import rowSum from '../../shaders/lib/row_sum.wgsl?raw';
import type { Recorder } from '../gpu/program';
import type { Tuning } from './kernel';

export interface RowTuning extends Tuning {
  readonly WORKGROUP: number;
}

export const ROW_VARIANTS: readonly RowTuning[] = [
  { WORKGROUP: 128 },
  { WORKGROUP: 64 },
  { WORKGROUP: 256 },
  { WORKGROUP: 1 },
];

/** Without barriers on a CPU: SwiftShader takes a tenth of the time. */
export function rowTuning({ options: { software } }: Recorder, wanted: RowTuning | undefined): RowTuning {
  return wanted ?? { WORKGROUP: software ? 1 : 128 };
}

/** `row_sum` and `row_max` for workgroups of that size. */
export const rowParts = ({ WORKGROUP }: RowTuning): readonly string[] => (WORKGROUP === 1 ? [alone] : [rowSum, rowMax]);
