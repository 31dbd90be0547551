// One result an invocation, 3×3×3 taps, two frames of zeros before and a pixel of zeros around.

struct Size {
  frames: u32,
  height: u32,
  width: u32,
  channels: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> pixels: array<Element>;
@group(0) @binding(2) var<storage, read> weight: array<Element>;
@group(0) @binding(3) var<storage, read_write> result: array<Element>;

@compute @workgroup_size(64)
fn naive_convolution(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  if (column >= size.columns) {
    return;
  }
  let x = i32(id.y % size.width);
  let y = i32(id.y / size.width);
  let frame = i32(id.z);
  var sum = 0.0;
  for (var tap = 0; tap < 27; tap++) {
    let f = frame + tap / 9 - 2;
    let v = y + tap / 3 % 3 - 1;
    let u = x + tap % 3 - 1;
    if (f < 0 || v < 0 || v >= i32(size.height) || u < 0 || u >= i32(size.width)) {
      continue;
    }
    let pixel = ((u32(f) * size.height + u32(v)) * size.width + u32(u)) * size.channels;
    let taps = (column * 27 + u32(tap)) * size.channels;
    for (var i = 0u; i < size.channels; i++) {
      sum += f32(pixels[pixel + i]) * f32(weight[taps + i]);
    }
  }
  result[((id.z * size.height + u32(y)) * size.width + u32(x)) * size.columns + column] = Element(sum);
}
