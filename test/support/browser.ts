/** Opens pages for the browser suite: the Chromium that is installed, with WebGPU on SwiftShader. */
import { type Browser, chromium } from 'playwright';
import { findAdapters } from '../../scripts/setup_adapters.mjs';

// Without a GPU, Chromium offers WebGPU only when asked for SwiftShader by name.
const WITH_WEBGPU = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

/** `webgpu: false` gives the browser of someone whose machine has none: `requestAdapter()` finds nothing. */
export function openBrowser({ webgpu = true } = {}): Promise<Browser> {
  const executablePath = findAdapters().chromium;
  if (!executablePath) throw new Error('No Chromium or Chrome found; `npm run adapters` says what to install.');
  return chromium.launch({ executablePath, args: webgpu ? WITH_WEBGPU : [] });
}
