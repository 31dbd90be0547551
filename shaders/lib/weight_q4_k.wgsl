// Blocks of 256 weights in 144 bytes: halves d and m, 12 bytes with a scale s and
// an offset o of six bits for each 32, 128 bytes with two q each (of 64 weights the
// first 32 in the lower bits); d·s·q − m·o.
@group(0) @binding(2) var<storage, read> weight: array<vec4u>;

fn weight4(index: u32) -> vec4f {
  let block = (index / 64) * 9;
  let four = index % 64;
  let word = (four / 16) * 8 + four % 8;
  let group = scale_pair(weight[block], four / 8);
  let q = weight[block + 1 + word / 4][word % 4] >> ((four & 8) / 2);
  return group.x * bytes4(q & 0x0f0f0f0f) - group.y;
}
