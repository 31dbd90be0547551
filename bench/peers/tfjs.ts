/** TensorFlow.js's WebGPU backend on the same device. It has f32 alone, no quantised weights and no fused attention. */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Engine, Prepared } from './engine';
import { permute, type Work } from './work';

type Core = typeof import('@tensorflow/tfjs-core');

export async function openTfjs(device: GPUDevice, info: GPUAdapterInfo): Promise<Engine> {
  const tf = await import('@tensorflow/tfjs-core');
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = new WebGPUBackend(device, info);
  // Its kernels are registered for backends of this name; where the package found a GPU, it has one with a device of its own.
  if (tf.findBackendFactory('webgpu')) tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => backend);
  await tf.setBackend('webgpu');
  tf.env().set('WEBGPU_CPU_FORWARD', false);

  async function prepare(work: Work): Promise<Prepared | null> {
    const made = work.type === 'f32' ? recipe(tf, work) : null;
    if (!made) return null;
    const { operands, compute } = made;
    return {
      async run(times) {
        for (let i = 0; i < times; i++) tf.tidy(compute).dispose();
        backend.endComputePassEncoder();
        backend.submitQueue();
      },
      async result() {
        const result = tf.tidy(compute);
        const values = await result.data();
        result.dispose();
        return values;
      },
      async release() {
        for (const operand of operands) operand.dispose();
      },
    };
  }
  return { name: 'tfjs', prepare };
}

interface Recipe {
  readonly operands: readonly Tensor[];
  readonly compute: () => Tensor;
}

/** Null: it has no such operation. */
function recipe(tf: Core, work: Work): Recipe | null {
  if (work.kind === 'product') {
    const { rows, columns, depth } = work;
    if (work.blocks) return null;
    const left = tf.tensor(work.left, [rows, depth]);
    const weight = tf.tensor(permute(work.weight, [columns, depth], [1, 0]), [depth, columns]);
    return { operands: [left, weight], compute: () => tf.matMul(left, weight) };
  }
  if (work.kind === 'attention') {
    const { tokens, heads, head } = work;
    const [query, key, value] = [work.query, work.key, work.value].map((values) =>
      tf.tensor(permute(values, [tokens, heads, head], [1, 0, 2]), [heads, tokens, head]),
    ) as [Tensor, Tensor, Tensor];
    return {
      operands: [query, key, value],
      compute() {
        const logits = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(head));
        const heard = tf.matMul(tf.softmax(logits), value);
        return tf.reshape(tf.transpose(heard, [1, 0, 2]), [tokens, heads * head]);
      },
    };
  }
  const { frames, height, width, channels, columns } = work;
  // Its pad has five dimensions and a shader that does not compile with them: it is given the border ready made.
  const padded = new Float32Array((frames + 2) * (height + 2) * (width + 2) * channels);
  for (let row = 0; row < frames * height; row++) {
    const [frame, y] = [Math.floor(row / height), row % height];
    const line = work.pixels.subarray(row * width * channels, (row + 1) * width * channels);
    padded.set(line, (((frame + 2) * (height + 2) + y + 1) * (width + 2) + 1) * channels);
  }
  const pixels = tf.tensor(padded, [1, frames + 2, height + 2, width + 2, channels]);
  const weight = tf.tensor(permute(work.weight, [columns, 27, channels], [1, 2, 0]), [3, 3, 3, channels, columns]);
  return { operands: [pixels, weight], compute: () => tf.conv3d(pixels, weight, 1, 'valid') };
}
