/** LoRAs beside weights of any type, kept or streamed, give what the same weights merged in double precision give. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { DitConfig } from '../../src/dit/config';
import { dispatchCount } from '../../src/gpu/program';
import { downName, upName } from '../../src/gpu/weight_tree';
import { checkpointSource } from '../../src/pipeline/checkpoint_source';
import { recordDenoiser } from '../../src/pipeline/denoiser_programs';
import { ditTensors } from '../../src/pipeline/expected_tensors';
import { readGolden } from '../../src/pipeline/golden';
import { type LoraUse, withLoras } from '../../src/pipeline/lora_source';
import { type ComputeOptions, recorderOptions } from '../../src/pipeline/options';
import { readDitConfig } from '../../src/pipeline/read_config';
import { runDit, type StageInputs } from '../../src/pipeline/stages';
import type { WeightSource } from '../../src/pipeline/weight_source';
import type { ByteSource } from '../../src/weights/byte_source';
import { type Checkpoint, joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { type Lora, readLora } from '../../src/weights/lora';
import { decodeWeights } from '../../src/weights/weight_types';
import { testContext } from '../support/evaluate';
import { goldenFile } from '../support/golden_file';
import { relL2 } from '../support/gpu';
import { type DifferenceValues, exact, type LayerValues, layerValues, loraFile } from '../support/lora_file';
import { type FileTensor, safetensorsSource } from '../support/safetensors_file';
import { storedWeights } from '../support/stored_weights';
import { tinySource } from '../support/tiny_checkpoints';

const TOLERANCE = 1e-5;
/** Half a matrix of the tiny network, so that matrices are cut. */
const STREAM = { residency: 'stream', tileBytes: 16 * 1024 } as const;
const RESIDENT = { residency: 'resident' } as const;
type Placement = Pick<ComputeOptions, 'residency' | 'tileBytes' | 'signal'>;

let config: DitConfig;
let inputs: StageInputs;
let shapes: ReadonlyMap<string, readonly number[]>;
const bases: Record<string, Checkpoint> = {};
beforeAll(async () => {
  const golden = await readGolden(goldenFile('tiny-dit'));
  config = readDitConfig(golden.config, golden.file);
  inputs = golden.inputs;
  shapes = ditTensors(config);
  bases.bf16 = await open(tinySource('original/wan_tiny_dit_bf16.safetensors'));
  bases.q8_0 = await open(tinySource('gguf/wan-tiny-dit-Q8_0.gguf'));
  bases['scaled f8_e4m3'] = await open(scaledFile());
});
const open = async (source: ByteSource) => joinFiles([await openTensorFile(source)]);
const openLora = async (source: ByteSource): Promise<Lora> => readLora(await open(source))!;

/** The matrices of the blocks in fp8, each with one factor; the rest in f32. */
function scaledFile(): ByteSource {
  const tensors: Record<string, FileTensor> = {};
  let seed = 1;
  for (const [name, shape] of shapes) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (/^blocks.*weight$/.test(name) && shape.length > 1) {
      const { bytes } = storedWeights('f8_e4m3', count, seed++);
      tensors[name] = { dtype: 'F8_E4M3', shape, data: bytes };
      tensors[name.replace('weight', 'scale_weight')] = { dtype: 'F32', shape: [], data: Float32Array.of(0.07) };
    } else tensors[name] = { dtype: 'F32', shape, data: exact(count, seed++) };
  }
  return safetensorsSource('fp8.safetensors', tensors);
}

const layer = (name: string, rank: number, seed: number, alpha?: number) =>
  layerValues(name, shapes.get(name)!, rank, seed, alpha);
const difference = (name: string, seed: number): DifferenceValues => {
  const shape = shapes.get(name)!;
  return {
    name,
    shape,
    values: exact(
      shape.reduce((product, size) => product * size, 1),
      seed,
    ),
  };
};

/** Every place where a linear layer stands in the network: before a norm, on the residual, gated, below an activation. */
const NAMES = [
  ...['patch_embedding', 'text_embedding.0', 'text_embedding.2', 'time_embedding.0', 'time_embedding.2'],
  ...['time_projection.1', 'head.head', 'blocks.0.self_attn.q', 'blocks.0.self_attn.o', 'blocks.0.cross_attn.k'],
  ...['blocks.0.cross_attn.o', 'blocks.1.cross_attn.q', 'blocks.1.cross_attn.v', 'blocks.1.ffn.0', 'blocks.1.ffn.2'],
].map((name) => `${name}.weight`);
const layersOf = (rank: number, seed: number, alpha?: number) =>
  NAMES.map((name, i) => layer(name, rank, seed + i, alpha));
const differences = () =>
  [
    ...['blocks.0.self_attn.q.bias', 'blocks.1.ffn.2.bias', 'blocks.0.norm3.weight', 'blocks.1.norm3.bias'],
    ...['blocks.1.self_attn.norm_k.weight', 'blocks.1.modulation', 'head.modulation'],
    // Whole matrices, wide and tall; the second has a LoRA too.
    ...['head.head.weight', 'time_embedding.0.weight', 'blocks.0.self_attn.v.weight'],
  ].map((name, i) => difference(name, 500 + i));

interface Change {
  readonly layers: readonly LayerValues[];
  readonly differences: readonly DifferenceValues[];
  readonly strength: number;
}

/** The checkpoint with all that is added to it, in double precision, rounded once to f32. */
async function merged(base: Checkpoint, changes: readonly Change[]): Promise<Checkpoint> {
  const tensors: Record<string, FileTensor> = {};
  for (const [name, shape] of shapes) {
    const { source, type, beginByte, endByte, scale } = base.tensors.get(name)!;
    const factor = scale ? decodeWeights(scale.type!, await scale.source.read(scale.beginByte, scale.endByte))[0]! : 1;
    const values = Float64Array.from(decodeWeights(type!, await source.read(beginByte, endByte)), (v) => v * factor);
    for (const { layers, differences, strength } of changes) {
      for (const { name: changed, rank, depth, up, down, alpha = rank } of layers) {
        if (changed !== name) continue;
        for (let at = 0; at < values.length; at++) {
          const [row, k] = [Math.floor(at / depth), at % depth];
          let sum = 0;
          for (let j = 0; j < rank; j++) sum += up[row * rank + j]! * down[j * depth + k]!;
          values[at]! += strength * (alpha / rank) * sum;
        }
      }
      for (const changed of differences)
        if (changed.name === name) changed.values.forEach((value, at) => (values[at]! += strength * value));
    }
    tensors[name] = { dtype: 'F32', shape, data: Float32Array.from(values) };
  }
  return open(safetensorsSource('merged.safetensors', tensors));
}

async function velocity(base: Checkpoint, uses: readonly LoraUse[], placement: Placement = RESIDENT) {
  const context = await testContext();
  const source = withLoras(context, checkpointSource(context, base), uses, config);
  const options = { activation: 'f32', savings: true, ...placement } as const;
  const outputs = await runDit(context, source, config, inputs, options);
  expect(context.memory.bytes).toBe(0);
  return outputs.get('out.velocity')!;
}

describe.for(['bf16', 'q8_0', 'scaled f8_e4m3'])('beside %s weights', (type) => {
  test('a LoRA with differences gives the results of merged weights, resident and streamed', async () => {
    const [base, layers] = [bases[type]!, layersOf(4, 1, 2)];
    const lora = await openLora(loraFile('original', layers, differences()));
    const expected = await velocity(await merged(base, [{ layers, differences: differences(), strength: 1 }]), []);
    const resident = await velocity(base, [{ lora, strength: 1 }]);
    expect(relL2(resident, expected)).toBeLessThan(TOLERANCE);
    expect(relL2(await velocity(base, []), expected)).toBeGreaterThan(0.01);
    expect(await velocity(base, [{ lora, strength: 1 }], STREAM)).toEqual(resident);
  });
});

test.for(['diffusers', 'kohya'] as const)(
  'a LoRA in the dialect %s gives the results of merged weights',
  async (dialect) => {
    const layers = layersOf(4, 40, 6);
    const expected = await velocity(await merged(bases.bf16!, [{ layers, differences: [], strength: 1 }]), []);
    const lora = await openLora(loraFile(dialect, layers));
    expect(lora).toMatchObject({ dialect, unknown: [] });
    expect(relL2(await velocity(bases.bf16!, [{ lora, strength: 1 }]), expected)).toBeLessThan(TOLERANCE);
  },
);

test.for([-1, 0.5, 2])('strength %d gives the results of merged weights', async (strength) => {
  const layers = layersOf(4, 1, 2);
  const expected = await velocity(await merged(bases.bf16!, [{ layers, differences: differences(), strength }]), []);
  const lora = await openLora(loraFile('original', layers, differences()));
  expect(relL2(await velocity(bases.bf16!, [{ lora, strength }]), expected)).toBeLessThan(TOLERANCE);
});

test('strength 0 gives the results of the weights alone, bit for bit', async () => {
  const lora = await openLora(loraFile('original', layersOf(4, 1, 2), differences()));
  expect(await velocity(bases.bf16!, [{ lora, strength: 0 }])).toEqual(await velocity(bases.bf16!, []));
});

test('two LoRAs of different types, ranks and strengths add up', async () => {
  // 37 ranks together: not a multiple of 4, and large enough to be streamed in tiles themselves.
  const [first, second] = [layersOf(4, 1, 2), layersOf(33, 80).slice(3)];
  const changes = [
    { layers: first, differences: differences(), strength: 0.75 },
    { layers: second, differences: [], strength: -1.5 },
  ];
  const expected = await velocity(await merged(bases.bf16!, changes), []);
  const uses = [
    { lora: await openLora(loraFile('original', first, differences())), strength: 0.75 },
    { lora: await openLora(loraFile('kohya', second)), strength: -1.5 },
  ];
  expect(relL2(await velocity(bases.bf16!, uses), expected)).toBeLessThan(TOLERANCE);
  expect(relL2(await velocity(bases.bf16!, uses, STREAM), expected)).toBeLessThan(TOLERANCE);
  const context = await testContext();
  const source = withLoras(context, checkpointSource(context, bases.bf16!), uses, config);
  const tiles = (await recorded(source, STREAM)).planted.tiles.map(({ name }) => name);
  expect(tiles.filter((name) => name === upName('blocks.1.ffn.0.weight')).length).toBeGreaterThan(1);
  expect(tiles).toContain(downName('blocks.1.ffn.2.weight'));
});

test('a strength that is no number is refused', async () => {
  const context = await testContext();
  const lora = await openLora(loraFile('original', layersOf(4, 1, 2)));
  const withStrength = () =>
    withLoras(context, checkpointSource(context, bases.bf16!), [{ lora, strength: Number.NaN }], config);
  expect(withStrength).toThrow(/strength is NaN/);
});

async function recorded(source: WeightSource, placement: Placement = RESIDENT) {
  const shape = { grid: { frames: 2, height: 3, width: 5 }, promptTokens: [7], fixedTokens: 0, steps: 1 };
  const settings = recorderOptions(await testContext(), 'f32');
  return recordDenoiser(settings, source, config, shape, { savings: true, ...placement });
}

test('a layer without a LoRA costs nothing, one with it two dispatches more', async () => {
  const context = await testContext();
  const base = checkpointSource(context, bases.bf16!);
  const counts = async (loras: readonly Lora[]) => {
    const uses = loras.map((lora) => ({ lora, strength: 1 }));
    const { programs, prompt, time } = await recorded(withLoras(context, base, uses, config));
    return [...programs, ...prompt, time.program].map(dispatchCount);
  };
  const { programs, prompt, time } = await recorded(base);
  const plain = [...programs, ...prompt, time.program].map(dispatchCount);
  expect(await counts([])).toEqual(plain);
  const loraOf = (...names: string[]) =>
    openLora(
      loraFile(
        'original',
        names.map((name) => layer(name, 4, 1)),
      ),
    );
  const more = async (loras: readonly Lora[]) => (await counts(loras)).map((count, i) => count - plain[i]!);
  const one = await loraOf('blocks.0.self_attn.q.weight');
  const two = await loraOf('blocks.0.self_attn.q.weight', 'blocks.0.ffn.0.weight');
  // begin, the blocks, end; text embedding, the blocks' cross keys; time embedding
  expect(await more([one])).toEqual([0, 2, 0, 0, 0, 0, 0, 0]);
  expect(await more([two, one])).toEqual([0, 4, 0, 0, 0, 0, 0, 0]);
});

describe('a LoRA that cannot be used', () => {
  const use = async (source: ByteSource) => velocity(bases.bf16!, [{ lora: await openLora(source), strength: 1 }]);

  test('for another width is refused with both numbers, for other layers with their name', async () => {
    const wide = layerValues('blocks.0.self_attn.q.weight', [5120, 5120], 4, 1);
    await expect(use(loraFile('original', [wide]))).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: expect.stringMatching(/blocks\.0\.self_attn\.q.*5120.*128/),
    });
    const deep = layerValues('blocks.29.ffn.0.weight', [128, 128], 4, 1);
    await expect(use(loraFile('kohya', [deep]))).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: expect.stringMatching(/blocks\.29\.ffn\.0\.weight/),
    });
  });

  test('whose alpha is no number, or whose bytes are gone, is refused, and all memory given back', async () => {
    const infinite = layer('blocks.0.ffn.0.weight', 4, 1, Number.POSITIVE_INFINITY);
    await expect(use(loraFile('kohya', [infinite]))).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/alpha.*Infinity/),
    });
    const file = loraFile('original', layersOf(4, 1));
    const failing = {
      ...file,
      read: (begin: number, end: number) => (begin > 0 ? Promise.reject(new Error('gone')) : file.read(begin, end)),
    };
    const lora = await openLora(file);
    const broken = {
      ...lora,
      layers: new Map([...lora.layers].map(([name, of]) => [name, { ...of, up: { ...of.up, source: failing } }])),
    };
    for (const placement of [RESIDENT, STREAM])
      await expect(velocity(bases.bf16!, [{ lora: broken, strength: 1 }], placement)).rejects.toThrow('gone');
    expect((await testContext()).memory.bytes).toBe(0);
  });
});
