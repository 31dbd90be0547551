/** What we call of packages that only this folder installs. The types of the project must check without them. */
declare module 'onnxruntime-web/webgpu' {
  export const env: {
    logLevel: 'warning' | 'error';
    readonly wasm: { numThreads: number; wasmBinary: ArrayBufferLike };
  };

  export interface Tensor {
    readonly location: string;
  }
  export const Tensor: {
    fromGpuBuffer(buffer: GPUBuffer, options: { dataType: string; dims: readonly number[] }): Tensor;
  };

  export interface InferenceSession {
    run(feeds: Record<string, Tensor>, fetches: Record<string, Tensor>): Promise<object>;
    release(): Promise<void>;
  }
  export const InferenceSession: {
    create(
      model: Uint8Array,
      options: {
        executionProviders: readonly { name: 'webgpu'; device: GPUDevice }[];
        enableGraphCapture?: boolean;
      },
    ): Promise<InferenceSession>;
  };
}

declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  export function env(): { set(flag: string, value: boolean | number): void };
  export function setBackend(name: string): Promise<boolean>;
  export function findBackendFactory(name: string): unknown;
  export function removeBackend(name: string): void;
  export function registerBackend(name: string, make: () => object): boolean;
  export function tidy<T>(compute: () => T): T;

  export function tensor(values: Float32Array, shape: readonly number[]): Tensor;
  export function matMul(a: Tensor, b: Tensor, transposeA?: boolean, transposeB?: boolean): Tensor;
  export function mul(a: Tensor, b: number): Tensor;
  export function softmax(logits: Tensor): Tensor;
  export function reshape(x: Tensor, shape: readonly number[]): Tensor;
  export function transpose(x: Tensor, order: readonly number[]): Tensor;
  export function conv3d(x: Tensor, filter: Tensor, strides: number, pad: 'valid'): Tensor;
}

declare module '@tensorflow/tfjs-backend-webgpu' {
  export class WebGPUBackend {
    constructor(device: GPUDevice, info: GPUAdapterInfo);
    endComputePassEncoder(): void;
    submitQueue(): void;
  }
}
