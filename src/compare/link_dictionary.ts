/**
 * Words that results are full of, by their number in links. Links that people
 * have sent must still open: add at the end, and change nothing above it.
 */
export const DICTIONARY: readonly string[] = [
  ...['seconds', 'kind', 'samples', 'warmUp', 'measured', 'sampled', 'derived', 'published'],
  ...['key', 'stages', 'init', 'encode', 'step', 'decode', 'total', 'block'],
  ...['preset', 'width', 'height', 'frames', 'tokens', 'steps', 'guidance', 'promptTokens', 'activations', 'weights'],
  ...['offload', 'attention', 'batch', 'resident', 'partial', 'stream', 'one-block', 'f16', 'f32', 'bf16'],
  ...['lane', 'fromSeconds', 'toSeconds', 'label', 'fetch', 'upload', 'denoise', 'atSeconds', 'bytes'],
  ...['memoryBytes', 'peakGpuBytes', 'streamedBytesPerStep', 'exposedSeconds', 'hiddenSeconds', 'failure'],
  ...['stage', 'measuredSeconds', 'projectedSeconds', 'kernel', 'calls', 'flops'],
  ...['matmul', 'conv', 'row_norm', 'rms_rope', 'conv_window', 'distance_bias', 'softmax', 'combine'],
  ...['schema', 'wanscope-result', 'version', 'id', 'name', 'createdAt', 'engineVersion', 'mode'],
  ...['quick', 'standard', 'full', 'machine', 'roofs', 'projection', 'checks', 'cases', 'timeline', 'memory'],
  ...['limitBytes', 'kernels', 'counts', 'remarks', 'code', 'values', 'message'],
  ...['adapter', 'vendor', 'architecture', 'driver', 'backend', 'software', 'tier', 'features', 'limits', 'runtime'],
  ...['timestamps', 'maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize'],
  ...['maxComputeInvocationsPerWorkgroup', 'maxComputeWorkgroupSizeX', 'maxStorageBuffersPerShaderStage'],
  ...['chromium-experimental-subgroup-matrix', 'core-features-and-limits', 'shader-f16', 'subgroups'],
  ...['timestamp-query', 'fp32FlopsPerSecond', 'f16FlopsPerSecond', 'matrixFlopsPerSecond', 'bytesPerSecond'],
  ...['uploadBytesPerSecond', 'gpuBusy', 'dispatchesPerStep', 'bytesMovedPerStep', 'flash, tiled', 'direct'],
  ...['software-adapter', 'no-timestamps', 'default-limits', 'bindingBytes', 'hidden-tab', 'throttled'],
  ...['firstSeconds', 'lastSeconds', 'contended', 'shortestSeconds', 'longestSeconds', 'no-previews', 'reason'],
  ...['one-block-of-weights', 'shortened', 'spans', 'memorySamples', '1280x704x161', '1280x704x121', 'vulkan', 'metal'],
  ...['d3d12', 'nvidia', 'apple', 'intel', 'amd', '0.1.0', 'out-of-memory', 'limit-too-low'],
  ...['busy-before', 'block-at-fewer-tokens', 'referenceTokens'],
  ...['tuning', 'tuned', 'shipped', 'default'],
  ...['f32, int8 products', 'f16, int8 products', 'bf16 as q8_0', 'matmul_int8', 'quantise', 'quantise_weights'],
];
