/** Data-sheet peaks and measured matrix products as gathered in published.json → cards, in bytes and FLOPs a second. */
import { type Card, plainName } from '../../src/compare/card';

interface Gathered {
  readonly gpu: string;
  readonly vendor: Card['vendor'];
  readonly vram_gb: number;
  readonly bandwidth_gbs: number;
  readonly bf16_dense_tflops: number | null;
  readonly bf16_dense_note: string;
  readonly tf32_dense_tflops: number | null;
  readonly fp8_dense_tflops: number | null;
  readonly fp32_tflops: number | null;
  readonly tdp_w: number | null;
  readonly measured_matmul_tflops: {
    readonly bf16: number | null;
    readonly fp16: number | null;
    readonly tf32: number | null;
    readonly fp32: number | null;
    readonly source: string;
    readonly note: string;
  } | null;
  readonly source: string;
  readonly confidence: Card['confidence'];
}

/** What adapters call a card where the gathered name is another: the chip's, the driver's, a shorter one. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  'NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition': ['rtx pro 6000 blackwell max q'],
  'AMD Strix Halo (Radeon 8060S, 40 CU)': ['8060s'],
};

/** The Workstation Edition's, of the same chip with at least the same clock. */
const AT_MOST_TFLOPS: Readonly<Record<string, number>> = { 'NVIDIA RTX PRO 6000 Blackwell Server Edition': 503.8 };

export function cardsOf(gathered: readonly Gathered[]): Card[] {
  return gathered.map((gpu) => {
    const measured = gpu.measured_matmul_tflops;
    return {
      name: gpu.gpu,
      vendor: gpu.vendor,
      memoryBytes: gpu.vram_gb * 2 ** 30,
      bytesPerSecond: gpu.bandwidth_gbs * 1e9,
      bf16FlopsPerSecond: tera(gpu.bf16_dense_tflops),
      bf16AtMostFlopsPerSecond: tera(AT_MOST_TFLOPS[gpu.gpu] ?? null),
      tf32FlopsPerSecond: tera(gpu.tf32_dense_tflops),
      fp8FlopsPerSecond: tera(gpu.fp8_dense_tflops),
      fp32FlopsPerSecond: tera(gpu.fp32_tflops),
      watts: gpu.tdp_w,
      measured: measured && {
        bf16FlopsPerSecond: tera(measured.bf16),
        fp16FlopsPerSecond: tera(measured.fp16),
        tf32FlopsPerSecond: tera(measured.tf32),
        fp32FlopsPerSecond: tera(measured.fp32),
        source: measured.source,
        note: measured.note,
      },
      note: gpu.bf16_dense_note,
      source: gpu.source,
      confidence: gpu.confidence,
      names: [...new Set([plainName(gpu.gpu), ...(ALSO[gpu.gpu] ?? [])])],
    };
  });
}

/** Rounded to what was printed: 165.2 · 1e12 is 165,199,999,999,999.98. */
const tera = (tflops: number | null): number | null => (tflops === null ? null : Math.round(tflops * 1e12));
