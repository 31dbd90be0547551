// GELU in its tanh form, which both the DiT and UMT5 use. tanh saturates; its
// argument is clamped because some drivers give NaN for tanh of large numbers.
fn activate(value: vec4f) -> vec4f {
  let inner = 0.7978845608028654 * (value + 0.044715 * value * value * value);
  return 0.5 * value * (1 + tanh(clamp(inner, vec4f(-15), vec4f(15))));
}
