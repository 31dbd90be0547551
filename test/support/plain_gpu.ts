/**
 * The least that WebGPU promises: devices with its default limits and none of the optional features. They are real, of
 * the test's adapter, made by the real `openDevice`; only what the adapter says it could grant is cut down to what a
 * device asked for nothing has.
 */
import { gpu } from './gpu';

export const plainGpu: GPU = {
  ...gpu,
  wgslLanguageFeatures: new Set<string>(),
  getPreferredCanvasFormat: () => gpu.getPreferredCanvasFormat(),
  async requestAdapter(options) {
    const [adapter, other] = [await gpu.requestAdapter(options), await gpu.requestAdapter(options)];
    if (!adapter || !other) return null;
    const asked = await other.requestDevice();
    const { limits } = asked;
    const granted: Record<PropertyKey, unknown> = { limits, features: new Set<string>() };
    asked.destroy();
    return new Proxy(adapter, {
      get(target, name) {
        if (name in granted) return granted[name];
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  },
};
