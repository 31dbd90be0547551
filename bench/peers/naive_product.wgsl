// The kernel that everyone writes first: one result an invocation, straight from memory, summed in f32.

struct Size {
  rows: u32,
  columns: u32,
  depth: u32,
}

@group(0) @binding(0) var<uniform> size: Size;
@group(0) @binding(1) var<storage, read> left: array<Element>;
@group(0) @binding(2) var<storage, read> weight: array<Element>;
@group(0) @binding(3) var<storage, read_write> result: array<Element>;

@compute @workgroup_size(8, 8)
fn naive_product(@builtin(global_invocation_id) id: vec3u) {
  let column = id.x;
  let row = id.y;
  if (column >= size.columns || row >= size.rows) {
    return;
  }
  var sum = 0.0;
  for (var i = 0u; i < size.depth; i++) {
    sum += f32(left[row * size.depth + i]) * f32(weight[column * size.depth + i]);
  }
  result[row * size.columns + column] = Element(sum);
}
