import { readFileSync } from 'node:fs';
import { parseSafetensorsHeader } from '../../src/weights/safetensors';

export interface Golden {
  readonly metadata: Readonly<Record<string, string>>;
  /** The values of a float32 tensor. Throws for a name that is not there. */
  readonly values: (name: string) => Float32Array<ArrayBuffer>;
  readonly shape: (name: string) => readonly number[];
}

/** A file of test/golden, what the published PyTorch code answers. */
export function readGolden(name: string): Golden {
  const file = readFileSync(new URL(`../golden/${name}.safetensors`, import.meta.url));
  const { tensors, metadata } = parseSafetensorsHeader(file, file.length);
  const entry = (tensor: string) => {
    const found = tensors.get(tensor);
    if (!found) throw new Error(`${name} has no tensor ${tensor}, only ${[...tensors.keys()].join(', ')}.`);
    return found;
  };
  return {
    metadata,
    shape: (tensor) => entry(tensor).shape,
    values(tensor) {
      const { dtype, beginByte, endByte } = entry(tensor);
      if (dtype !== 'F32') throw new Error(`${tensor} of ${name} is ${dtype}, not F32.`);
      return new Float32Array(Uint8Array.from(file.subarray(beginByte, endByte)).buffer);
    },
  };
}
