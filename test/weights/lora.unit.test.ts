import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/core/errors';
import { expectedTensors, WAN22_SIZES } from '../../src/pipeline/expected_tensors';
import type { ByteSource } from '../../src/weights/byte_source';
import { blobSource } from '../../src/weights/byte_source';
import { joinFiles, openTensorFile } from '../../src/weights/checkpoint';
import { checkLora, type Lora, readLora } from '../../src/weights/lora';
import { loraAdapters, loraFactors, readAlpha } from '../../src/weights/lora_adapter';
import { type LoraDialect, parseLoraName } from '../../src/weights/lora_names';
import { layerIn, layerValues, loraFile } from '../support/lora_file';
import { mutated, seededRandom } from '../support/mutations';
import { type FileTensor, safetensorsBlob, safetensorsSource } from '../support/safetensors_file';
import { WAN22_TENSORS } from '../support/wan22_tensors';

const DIALECTS: readonly LoraDialect[] = ['original', 'diffusers', 'kohya'];
const EXPECTED = expectedTensors(WAN22_SIZES).dit;
const TENSORS = WAN22_TENSORS.filter(({ network }) => network === 'dit');
const LINEARS = TENSORS.filter(({ original, shape }) => original.endsWith('.weight') && shape.length > 1);

const readFrom = async (source: ByteSource) => readLora(joinFiles([await openTensorFile(source)]));
const readTensors = (tensors: Record<string, FileTensor>, metadata = {}) =>
  readFrom(safetensorsSource('lora.safetensors', tensors, metadata));
const zeros = (...shape: number[]): FileTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)),
});
const pair = (layer: string, columns = 8, rank = 4, depth = 12) => ({
  [`${layer}.lora_down.weight`]: zeros(rank, depth),
  [`${layer}.lora_up.weight`]: zeros(columns, rank),
});

describe.for(DIALECTS)('the names of the dialect %s', (dialect) => {
  test('are understood for every linear layer of the published transformer', () => {
    expect(LINEARS).toHaveLength(7 + 30 * 10);
    for (const { original } of LINEARS) {
      const layer = layerIn(dialect, original);
      for (const [ending, part] of [
        ['lora_down.weight', 'down'],
        ['lora_up.weight', 'up'],
        ['lora_A.weight', 'down'],
        ['lora_B.weight', 'up'],
        ['lora_B.default.weight', 'up'],
        ['lora.down.weight', 'down'],
        ['alpha', 'alpha'],
        ['diff', 'diff'],
      ])
        expect(parseLoraName(`${layer}.${ending}`)).toMatchObject({ part, original });
    }
  });

  test('are told apart from those of the others', () => {
    const name = `${layerIn(dialect, 'blocks.11.ffn.0.weight')}.lora_down.weight`;
    expect(parseLoraName(name)).toMatchObject({ dialect });
  });
});

test('every small tensor has its difference, by each of its names', () => {
  const small = TENSORS.filter((tensor) => !LINEARS.includes(tensor));
  for (const { original, theirs } of small) {
    const [, layer, tensor] = /^(?:(.*)\.)?(\w+)$/.exec(original)!;
    const ending = { weight: 'diff', bias: 'diff_b', modulation: 'diff_m' }[tensor!];
    expect(parseLoraName(`diffusion_model.${layer}.${ending}`)).toMatchObject({ part: 'diff', original });
    if (tensor === 'modulation')
      for (const name of [original, theirs])
        expect(parseLoraName(`transformer.${name}.diff`)).toMatchObject({ part: 'diff', original });
  }
});

test('whatever stands before the names makes no difference', () => {
  const prefixes = ['', 'diffusion_model.', 'model.diffusion_model.', 'transformer.', 'base_model.model.', 'unet.'];
  for (const prefix of [...prefixes, 'base_model.model.transformer.', 'base_model.model.diffusion_model.'])
    for (const layer of ['blocks.29.cross_attn.o', 'blocks.29.attn2.to_out.0'])
      expect(parseLoraName(`${prefix}${layer}.lora_A.weight`)).toMatchObject({
        original: 'blocks.29.cross_attn.o.weight',
      });
  for (const layer of ['lora_unet_blocks_7_cross_attn_o', 'lora_transformer_blocks_7_attn2_to_out_0'])
    expect(parseLoraName(`${layer}.lora_down.weight`)?.original).toBe('blocks.7.cross_attn.o.weight');
});

test('names that are near those of a layer are not taken for one', () => {
  for (const layer of [
    'blocks.0.cross_attn.k_img',
    'blocks.00.ffn.0',
    'lora_unet_blocks_0_self_attn_q_0',
    'blocks.0.ffn.1',
  ])
    expect(parseLoraName(`${layer}.lora_down.weight`)).toMatchObject({ original: null });
  for (const name of ['blocks.0.ffn.0.weight', 'lora_down.weight', 'scaled_fp8', 'blocks.0.ffn.0.hada_w1_a'])
    expect(parseLoraName(name)).toBeNull();
});

test('of a file, every layer is there, and what belongs to none is listed', async () => {
  const layers = LINEARS.map(({ original }, i) => layerValues(original, [4, 8], 2, i));
  const lora = (await readFrom(loraFile('kohya', layers)))!;
  expect([...lora.layers.keys()].sort()).toEqual(layers.map(({ name }) => name).sort());

  const mixed = await readTensors({
    ...pair('diffusion_model.blocks.0.self_attn.q'),
    ...pair('diffusion_model.blocks.0.cross_attn.k_img'),
    ...pair('lora_te1_text_model_encoder_layers_0_mlp_fc1'),
    'diffusion_model.blocks.0.self_attn.k.alpha': zeros(),
    other: zeros(1),
  });
  expect(mixed).toMatchObject({ dialect: 'original', label: 'lora.safetensors' });
  expect([...mixed!.layers]).toEqual([['blocks.0.self_attn.q.weight', expect.objectContaining({ rank: 4, alpha: 4 })]]);
  expect(mixed!.textEncoder).toHaveLength(2);
  expect(mixed!.unknown).toEqual([
    'diffusion_model.blocks.0.cross_attn.k_img.lora_down.weight',
    'diffusion_model.blocks.0.cross_attn.k_img.lora_up.weight',
    'diffusion_model.blocks.0.self_attn.k.alpha',
  ]);
  expect(await readTensors({ 'blocks.0.attn.q.weight': zeros(2, 2) })).toBeNull();
});

describe('alpha', () => {
  const layer = 'transformer.blocks.0.attn1.to_q';
  const file = (settings: unknown) =>
    readTensors(pair(layer), {
      lora_adapter_metadata: typeof settings === 'string' ? settings : JSON.stringify(settings),
    });
  const alphaIn = async (settings: unknown) => [...(await file(settings))!.layers.values()][0]!.alpha;

  test('is what diffusers keeps in the header, for all layers or by the ends of their names', async () => {
    expect(await alphaIn({ 'transformer.lora_alpha': 16, 'transformer.r': 4 })).toBe(16);
    expect(await alphaIn({ lora_alpha: 16, use_rslora: true })).toBe(16 * Math.sqrt(4));
    expect(await alphaIn({ 'transformer.lora_alpha': 16, 'transformer.alpha_pattern': { to_q: 3 } })).toBe(3);
    expect(await alphaIn({ 'transformer.lora_alpha': 16, 'transformer.alpha_pattern': { o_q: 3 } })).toBe(16);
    expect(await alphaIn({})).toBe(4);
    for (const settings of ['{', 'null', '7', { lora_alpha: '16' }, { lora_alpha: null }])
      await expect(file(settings)).rejects.toMatchObject({ code: 'file-invalid' });
  });

  test('is that of the first pattern in the header that fits', async () => {
    const [whole, end] = ['blocks.0.attn1.to_q', 'attn1.to_q'];
    expect(await alphaIn({ alpha_pattern: { [end]: 3, [whole]: 5, to_q: 7 } })).toBe(3);
    expect(await alphaIn({ alpha_pattern: { 'ttn1.to_q': 1, [whole]: 5, [end]: 3 } })).toBe(5);
  });

  test('is not looked for among more patterns than any LoRA has', async () => {
    const patterns = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`blocks.${i}.attn1.to_q`, i + 1]));
    expect(await alphaIn({ alpha_pattern: patterns(10_000) })).toBe(1);
    await expect(file({ alpha_pattern: patterns(10_001) })).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/10001.*10000/),
    });
  });

  test('is read in every type that trainers leave it in, and refused where it is not one finite number', async () => {
    const types: [FileTensor['dtype'], ArrayBuffer][] = [
      ['F32', Float32Array.of(8).buffer],
      ['BF16', Uint16Array.of(0x4100).buffer],
      ['F16', Uint16Array.of(0x4800).buffer],
      ['F64', Float64Array.of(8).buffer],
      ['I64', BigInt64Array.of(8n).buffer],
      ['I32', Int32Array.of(8).buffer],
    ];
    const stored = async (alpha: FileTensor) => {
      const lora = await readTensors({ ...pair('blocks.0.ffn.0'), 'blocks.0.ffn.0.alpha': alpha });
      return readAlpha(lora!.layers.get('blocks.0.ffn.0.weight')!.alpha);
    };
    for (const [dtype, buffer] of types)
      for (const shape of [[], [1]]) expect(await stored({ dtype, shape, data: new Uint8Array(buffer) })).toBe(8);
    const refused = { code: 'file-invalid', message: expect.stringMatching(/alpha/) };
    for (const value of [Number.NaN, Number.NEGATIVE_INFINITY])
      await expect(stored({ dtype: 'F32', shape: [], data: Float32Array.of(value) })).rejects.toMatchObject(refused);
    await expect(stored(zeros(2))).rejects.toMatchObject(refused);
    await expect(stored({ dtype: 'BOOL', shape: [], data: new Uint8Array(1) })).rejects.toMatchObject(refused);
  });

  test('and the strength are the factors of the ranks of each LoRA, and 0 fills them up', async () => {
    const name = 'blocks.0.ffn.0.weight';
    const ranks = [3, 2].map(async (rank) => readTensors(pair('blocks.0.ffn.0', 8, rank)));
    const loras = (await Promise.all(ranks)) as Lora[];
    const adapter = loraAdapters(loras, new Map([[name, [8, 12]]])).get(name)!;
    expect(adapter).toMatchObject({ rank: 8, up: { rows: 8, columns: 8 }, down: { rows: 8, columns: 12 } });
    expect([...loraFactors(adapter, [6, 1], [0.5, -3])]).toEqual([1, 1, 1, -1.5, -1.5, 0, 0, 0]);
  });
});

describe('a file that is not as it should be', () => {
  const layer = 'diffusion_model.blocks.0.self_attn.q';
  test.for<[what: string, tensors: Record<string, FileTensor>, message: RegExp]>([
    ['ranks that differ', { ...pair(layer), [`${layer}.lora_up.weight`]: zeros(8, 3) }, /\[4, 12\].*\[8, 3\].*4 and 3/],
    ['no rank', { ...pair(layer), [`${layer}.lora_down.weight`]: zeros(4) }, /must be one number/],
    ['rank 0', pair(layer, 8, 0), /0 and 0/],
    ['half a layer', { [`${layer}.lora_down.weight`]: zeros(4, 12) }, /the up matrix of its layer is not/],
    ['a layer twice', { ...pair(layer), ...pair('lora_unet_blocks_0_self_attn_q') }, /same part of one layer/],
    ['scaled numbers', { ...pair(layer), [`${layer}.lora_up.scale_weight`]: zeros() }, /scale_weight/],
    ['DoRA', { ...pair(layer), [`${layer}.dora_scale`]: zeros(8) }, /DoRA/],
  ])('with %s is refused, and its name and the numbers told', async ([, tensors, message]) => {
    await expect(readTensors(tensors)).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(message),
    });
    await expect(readTensors(tensors)).rejects.toThrow('lora.safetensors');
  });

  test('is refused for this transformer where it is for another, or for none', async () => {
    const check = async (tensors: Record<string, FileTensor>) => checkLora((await readTensors(tensors))!, EXPECTED);
    const q = (columns: number, depth: number, rank = 4) => pair(layer, columns, rank, depth);
    await expect(check(q(3072, 3072))).resolves.toBeUndefined();
    await expect(check(q(5120, 5120))).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: expect.stringMatching(/5120.*3072/),
    });
    await expect(check(pair('blocks.39.ffn.0'))).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: expect.stringMatching(/blocks\.39.*825/),
    });
    await expect(check(pair('blocks.0.norm3'))).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(check({ ...q(3072, 3072), 'blocks.0.norm3.diff_b': zeros(3071) })).rejects.toMatchObject({
      message: expect.stringMatching(/3071.*3072/),
    });
    await expect(check(pair('lora_te1_q'))).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/2 tensors.*text encoder/),
    });
    await expect(check(pair('double_blocks.0.q'))).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/double_blocks/),
    });
    const bytes = { dtype: 'I8', shape: [4, 3072], data: new Uint8Array(4 * 3072) } as const;
    await expect(check({ ...q(3072, 3072), [`${layer}.lora_down.weight`]: bytes })).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/I8.*BF16/),
    });
    await expect(check({ 'head.head.diff': zeros(192, 3072) })).resolves.toBeUndefined();
    await expect(check({ 'blocks.0.self_attn.q.diff': zeros(3072, 3072) })).rejects.toMatchObject({
      code: 'file-invalid',
      message: expect.stringMatching(/3072.*512/),
    });
  });

  test('damaged in two hundred ways, ends in a LoRA or in an error with a code', async () => {
    const differing = { 'blocks.0.norm3.diff_b': zeros(8), 'blocks.0.ffn.0.alpha': zeros() };
    const blob = safetensorsBlob(
      { ...pair(layer), ...pair('blocks.0.ffn.0'), ...differing },
      { lora_adapter_metadata: '{"lora_alpha":2}' },
    );
    const whole = new Uint8Array(await blob.arrayBuffer());
    const expected = new Map([
      ['blocks.0.self_attn.q.weight', [8, 12]],
      ['blocks.0.ffn.0.weight', [8, 12]],
      ['blocks.0.norm3.bias', [8]],
    ]);
    const random = seededRandom(7);
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < 200; i++) {
      try {
        const lora = await readFrom(
          blobSource('damaged', new Blob([mutated(random, whole) as Uint8Array<ArrayBuffer>])),
        );
        if (lora) {
          for (const { alpha } of lora.layers.values())
            expect(await readAlpha(alpha).then(Number.isFinite, isAppError)).toBe(true);
          checkLora(lora, expected);
        }
        outcomes.read += 1;
      } catch (failure) {
        if (!isAppError(failure)) throw failure;
        outcomes.refused += 1;
      }
    }
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(10);
  });
});

const isAppError = (failure: unknown) => failure instanceof AppError;
