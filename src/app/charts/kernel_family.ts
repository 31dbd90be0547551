/** The three colours of kernels: what multiplies matrices, attention, and all others. */
export type KernelFamily = 'linear' | 'attention' | 'other';

export function kernelFamily(kernel: string): KernelFamily {
  if (kernel.startsWith('attention')) return 'attention';
  return kernel.startsWith('matmul') || kernel === 'conv' ? 'linear' : 'other';
}
