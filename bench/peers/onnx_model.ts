/**
 * ONNX models of a few nodes, as bytes: the messages of `onnx.proto` (IR version 8) that they need.
 *
 *     ModelProto      1 ir_version │ 7 graph │ 8 opset_import {1 domain, 2 version}
 *     GraphProto      1 node │ 2 name │ 5 initializer │ 11 input │ 12 output
 *     NodeProto       1 input │ 2 output │ 4 op_type │ 5 attribute │ 7 domain
 *     AttributeProto  1 name │ 3 i │ 4 s │ 8 ints │ 20 type
 *     TensorProto     1 dims │ 2 data_type │ 8 name │ 9 raw_data
 *     ValueInfoProto  1 name │ 2 type {1 tensor_type {1 elem_type, 2 shape {1 dim {1 dim_value}}}}
 */
import { ByteWriter } from '../../src/hub/byte_writer';

/** TensorProto.DataType. */
const DATA_TYPE = { f32: 1, u8: 2, f16: 10 };
/** AttributeProto.AttributeType. */
const ATTRIBUTE_TYPE = { int: 2, string: 3, ints: 7 };
const IR_VERSION = 8;
const OPSETS = { '': 17, 'com.microsoft': 1 };

export interface OnnxValue {
  readonly name: string;
  readonly type: keyof typeof DATA_TYPE;
  readonly shape: readonly number[];
}

export interface OnnxConstant extends OnnxValue {
  /** Row-major, little-endian. */
  readonly bytes: Uint8Array;
}

export interface OnnxNode {
  readonly operator: string;
  readonly domain?: keyof typeof OPSETS;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, number | string | readonly number[]>>;
}

export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly constants: readonly OnnxConstant[];
  readonly nodes: readonly OnnxNode[];
}

export function onnxModel({ inputs, outputs, constants, nodes }: OnnxGraph): Uint8Array<ArrayBuffer> {
  const graph = message((to) => {
    for (const node of nodes) bytes(to, 1, nodeProto(node));
    text(to, 2, 'graph');
    for (const constant of constants) bytes(to, 5, tensorProto(constant));
    for (const input of inputs) bytes(to, 11, valueProto(input));
    for (const output of outputs) bytes(to, 12, valueProto(output));
  });
  return message((to) => {
    number(to, 1, IR_VERSION);
    bytes(to, 7, graph);
    for (const [domain, version] of Object.entries(OPSETS))
      bytes(
        to,
        8,
        message((opset) => {
          text(opset, 1, domain);
          number(opset, 2, version);
        }),
      );
  });
}

function nodeProto({ operator, domain, inputs, outputs, attributes = {} }: OnnxNode): Uint8Array {
  return message((to) => {
    for (const input of inputs) text(to, 1, input);
    for (const output of outputs) text(to, 2, output);
    text(to, 4, operator);
    for (const [name, value] of Object.entries(attributes)) bytes(to, 5, attributeProto(name, value));
    if (domain) text(to, 7, domain);
  });
}

function attributeProto(name: string, value: number | string | readonly number[]): Uint8Array {
  return message((to) => {
    text(to, 1, name);
    if (typeof value === 'number') number(to, 3, value);
    else if (typeof value === 'string') text(to, 4, value);
    else for (const each of value) number(to, 8, each);
    number(to, 20, ATTRIBUTE_TYPE[typeof value === 'number' ? 'int' : typeof value === 'string' ? 'string' : 'ints']);
  });
}

function tensorProto({ name, type, shape, bytes: data }: OnnxConstant): Uint8Array {
  return message((to) => {
    for (const size of shape) number(to, 1, size);
    number(to, 2, DATA_TYPE[type]);
    text(to, 8, name);
    bytes(to, 9, data);
  });
}

function valueProto({ name, type, shape }: OnnxValue): Uint8Array {
  const dimensions = message((to) => {
    for (const size of shape)
      bytes(
        to,
        1,
        message((dimension) => number(dimension, 1, size)),
      );
  });
  const tensor = message((to) => {
    number(to, 1, DATA_TYPE[type]);
    bytes(to, 2, dimensions);
  });
  return message((to) => {
    text(to, 1, name);
    bytes(
      to,
      2,
      message((typed) => bytes(typed, 1, tensor)),
    );
  });
}

function message(write: (to: ByteWriter) => void): Uint8Array<ArrayBuffer> {
  const to = new ByteWriter();
  write(to);
  return to.bytes();
}

/** A field of protobuf's wire type 0. */
function number(to: ByteWriter, field: number, value: number): void {
  varint(to, field * 8);
  varint(to, value);
}

/** A field of wire type 2. */
function bytes(to: ByteWriter, field: number, value: Uint8Array): void {
  varint(to, field * 8 + 2);
  varint(to, value.length);
  to.raw(value);
}

function text(to: ByteWriter, field: number, value: string): void {
  bytes(to, field, new TextEncoder().encode(value));
}

function varint(to: ByteWriter, value: number): void {
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) to.u8((rest % 0x80) | 0x80);
  to.u8(rest);
}
