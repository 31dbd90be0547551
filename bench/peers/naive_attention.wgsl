// One query of one head an invocation; logits are normalised as they come (Milakov and Gimelshein, 2018).

const HEAD = 128u;

struct Size {
  tokens: u32,
  heads: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> query: array<Element>;
@group(0) @binding(2) var<storage, read> key: array<Element>;
@group(0) @binding(3) var<storage, read> value: array<Element>;
@group(0) @binding(4) var<storage, read_write> result: array<Element>;

@compute @workgroup_size(64)
fn naive_attention(@builtin(global_invocation_id) id: vec3u) {
  let token = id.x;
  if (token >= size.tokens) {
    return;
  }
  let pitch = size.heads * HEAD;
  let start = id.y * HEAD;
  var sums: array<f32, HEAD>;
  var most = -1e30;
  var total = 0.0;
  for (var other = 0u; other < size.tokens; other++) {
    var logit = 0.0;
    for (var i = 0u; i < HEAD; i++) {
      logit += f32(query[token * pitch + start + i]) * f32(key[other * pitch + start + i]);
    }
    logit *= inverseSqrt(f32(HEAD));
    let before = most;
    most = max(most, logit);
    let fade = exp(before - most);
    let share = exp(logit - most);
    total = total * fade + share;
    for (var i = 0u; i < HEAD; i++) {
      sums[i] = sums[i] * fade + share * f32(value[other * pitch + start + i]);
    }
  }
  for (var i = 0u; i < HEAD; i++) {
    result[token * pitch + start + i] = Element(sums[i] / total);
  }
}
