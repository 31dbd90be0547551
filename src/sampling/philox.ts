/**
 * The noise PyTorch draws on a CUDA card for a seed (`torch.randn` with a CUDA
 * generator, as Wan2.2's own scripts do): Philox4x32-10 → Box–Muller in float32.
 * Each thread has its own stream, and how many threads there are goes by the
 * card, so beyond one value for each thread a seed means other noise on another card.
 */

export interface CudaCard {
  readonly multiprocessors: number;
  /** 2048 on datacenter cards (A100, H100, H200, B200), 1536 on the others since 2020 (L40S, RTX 3090 … RTX PRO 6000). */
  readonly threadsPerMultiprocessor: number;
}

/** ATen's `calc_execution_policy` (DistributionTemplates.h). */
const THREADS_PER_BLOCK = 256;
/** Values of one Philox call. */
const LANES = 4;

/**
 * `count` normal values, as `torch.randn(count, generator=torch.Generator('cuda').manual_seed(seed), device='cuda')`.
 * The card's sines are approximate: against an H200 (torch 2.11) values differ by up to 3·10⁻⁶.
 */
export function cudaRandn(count: number, seed: number, card: CudaCard): Float32Array<ArrayBuffer> {
  const blocks = card.multiprocessors * Math.floor(card.threadsPerMultiprocessor / THREADS_PER_BLOCK);
  const threads = THREADS_PER_BLOCK * Math.min(Math.ceil(count / THREADS_PER_BLOCK), blocks);
  const [keyLow, keyHigh] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  const values = new Float32Array(count);
  const bits = new Uint32Array(LANES);
  for (let call = 0; call * LANES * threads < count; call++) {
    const first = call * LANES * threads;
    for (let thread = 0; thread < threads && first + thread < count; thread++) {
      philox(call, 0, thread, 0, keyLow, keyHigh, bits);
      // A store beyond the end of an array is none, as it is none on the card.
      for (let lane = 0; lane < LANES; lane += 2) {
        const at = first + thread + lane * threads;
        const radius = radiusOf(bits[lane]!);
        const angle = angleOf(bits[lane + 1]!);
        values[at] = radius * Math.sin(angle);
        values[at + threads] = radius * Math.cos(angle);
      }
    }
  }
  return values;
}

const { fround } = Math;
const TURN = fround(2 * Math.PI * 2 ** -32);

/** curand's uniform in (0, 1] is rounded before the logarithm: it decides the smallest radii. */
const radiusOf = (bits: number) =>
  fround(Math.sqrt(fround(-2 * fround(Math.log(fround((fround(bits) + 0.5) / 2 ** 32))))));
const angleOf = (bits: number) => fround(fround(bits) * TURN + TURN / 2);

/**
 * Philox4x32 with 10 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): four 32-bit values
 * for a counter of 128 bits and a key of 64, least significant word first.
 */
export function philox(
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  key0: number,
  key1: number,
  into: Uint32Array,
): void {
  let [x0, x1, x2, x3, k0, k1] = [c0, c1, c2, c3, key0, key1];
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(x0, 0xd251, 0x1f53);
    const high1 = highWord(x2, 0xcd9e, 0x8d57);
    const low0 = Math.imul(x0, 0xd2511f53);
    x0 = high1 ^ x1 ^ k0;
    x1 = Math.imul(x2, 0xcd9e8d57);
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  into[0] = x0;
  into[1] = x1;
  into[2] = x2;
  into[3] = x3;
}

/** Upper 32 bits of x · (high · 2¹⁶ + low), both unsigned, as a signed integer. */
function highWord(x: number, high: number, low: number): number {
  const [xHigh, xLow] = [x >>> 16, x & 0xffff];
  const middle = xHigh * low + ((xLow * low) >>> 16);
  return (xHigh * high + (middle >>> 16) + ((xLow * high + (middle & 0xffff)) >>> 16)) | 0;
}
