/** Types of setup_adapters.mjs, for vite.config.ts and the tests. */
export interface Adapters {
  readonly llvmpipeIcd: string | null;
  readonly swiftshaderIcd: string | null;
  readonly chromium: string | null;
}

export function findAdapters(): Adapters;
