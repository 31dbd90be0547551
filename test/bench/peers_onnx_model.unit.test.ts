import { expect, test } from 'vitest';
import { type OnnxGraph, onnxModel } from '../../bench/peers/onnx_model';

type Fields = Record<number, (number | Uint8Array)[]>;

/** A protobuf message by field number, as the wire format is defined; of the wire types 0 and 2. */
function fields(bytes: Uint8Array): Fields {
  const found: Fields = {};
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte % 128) * shift;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const value = varint();
    if (key % 8 !== 0 && key % 8 !== 2) throw new Error(`Wire type ${key % 8} at ${at}.`);
    const isBytes = key % 8 === 2;
    if (isBytes && at + value > bytes.length) throw new Error(`${value} bytes at ${at} of ${bytes.length}.`);
    (found[Math.floor(key / 8)] ??= []).push(isBytes ? bytes.subarray(at, at + value) : value);
    if (isBytes) at += value;
  }
  return found;
}

const text = (value: unknown) => new TextDecoder().decode(value as Uint8Array);
const inside = (value: unknown) => fields(value as Uint8Array);

const GRAPH: OnnxGraph = {
  inputs: [{ name: 'x', type: 'f16', shape: [3, 3072] }],
  outputs: [{ name: 'y', type: 'f32', shape: [300] }],
  constants: [{ name: 'w', type: 'u8', shape: [2, 100], bytes: Uint8Array.from({ length: 200 }, (_, i) => i) }],
  nodes: [
    { operator: 'Conv', inputs: ['x', 'w'], outputs: ['z'], attributes: { pads: [2, 1, 0], auto_pad: 'NOTSET' } },
    { operator: 'MatMulNBits', domain: 'com.microsoft', inputs: ['z'], outputs: ['y'], attributes: { K: 14336 } },
  ],
};

test('a model says its version, its operator sets and its nodes', () => {
  const model = fields(onnxModel(GRAPH));
  expect(model[1]).toEqual([8]);
  expect(model[8]!.map(inside).map(({ 1: domain, 2: version }) => [text(domain![0]), version![0]])).toEqual([
    ['', 17],
    ['com.microsoft', 1],
  ]);
  const nodes = inside(model[7]![0])[1]!.map(inside);
  expect(nodes.map((node) => [text(node[4]![0]), node[7] ? text(node[7][0]) : ''])).toEqual([
    ['Conv', ''],
    ['MatMulNBits', 'com.microsoft'],
  ]);
  expect(nodes[0]![1]!.map(text)).toEqual(['x', 'w']);
  expect(nodes[0]![2]!.map(text)).toEqual(['z']);
});

test('attributes carry their type with their value', () => {
  const [conv, product] = inside(fields(onnxModel(GRAPH))[7]![0])[1]!.map(inside);
  const [pads, autoPad] = conv![5]!.map(inside);
  expect([text(pads![1]![0]), pads![8], pads![20]]).toEqual(['pads', [2, 1, 0], [7]]);
  expect([text(autoPad![1]![0]), text(autoPad![4]![0]), autoPad![20]]).toEqual(['auto_pad', 'NOTSET', [3]]);
  const [depth] = product![5]!.map(inside);
  expect([text(depth![1]![0]), depth![3], depth![20]]).toEqual(['K', [14336], [2]]);
});

test('constants keep their bytes, and values their shapes', () => {
  const graph = inside(fields(onnxModel(GRAPH))[7]![0]);
  const weight = inside(graph[5]![0]);
  expect([weight[1], weight[2], text(weight[8]![0])]).toEqual([[2, 100], [2], 'w']);
  expect(weight[9]![0]).toEqual(GRAPH.constants[0]!.bytes);
  const shapes = [graph[11]![0], graph[12]![0]].map((value) => {
    const tensor = inside(inside(inside(value)[2]![0])[1]![0]);
    return [text(inside(value)[1]![0]), tensor[1]![0], inside(tensor[2]![0])[1]!.map((size) => inside(size)[1]![0])];
  });
  expect(shapes).toEqual([
    ['x', 10, [3, 3072]],
    ['y', 1, [300]],
  ]);
});
