// x[row, :] = rotate(x[row, :] / rms(x[row, :]) · weight), in place
//
// The norm of queries and keys runs over all heads together, as published; the
// rotary embedding then turns each pair of channels (2i, 2i + 1) of a head by an
// angle that depends on the token's frame, row or column. The table holds the
// cosine and sine for each position and pair, made in double precision. Two
// pairs lie in one vec4. ROTATE 0 leaves the rotation out (cross-attention).

const WORKGROUP: u32 = 128;
const ROTATE: u32 = 1;

struct Params {
  first_group: u32,
  channels4: u32,
  epsilon: f32,
  head4: u32,        // vec4s of a head
  frame_pairs: u32,  // pairs turned by the frame,
  row_pairs: u32,    //   by the row; the rest by the column
  tokens: u32,       // of one sequence: frames · height · width
  height: u32,
  width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> x: array<vec4<Value>>; // (rows, channels)
@group(0) @binding(2) var<storage, read> weight: array<vec4f>;        // (channels)
@group(0) @binding(3) var<storage, read> table: array<vec2f>;         // (positions, pairs of a head): cos, sin

fn turn(pair: u32, frame: u32, row: u32, column: u32) -> vec2f {
  var position = column;
  if (pair < params.frame_pairs) { position = frame; } else if (pair < params.frame_pairs + params.row_pairs) { position = row; }
  return table[position * params.head4 * 2 + pair];
}

@compute @workgroup_size(WORKGROUP)
fn rms_rope(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = params.first_group + id.x;
  let first = row * params.channels4;

  var square = 0.0;
  for (var c = lane; c < params.channels4; c += WORKGROUP) {
    let v = vec4f(x[first + c]);
    square += dot(v, v);
  }
  let factor = inverseSqrt(row_sum(square, lane) / f32(params.channels4 * 4) + params.epsilon);

  let token = row % params.tokens;
  let frame = token / (params.height * params.width);
  let y = (token / params.width) % params.height;
  for (var c = lane; c < params.channels4; c += WORKGROUP) {
    var v = vec4f(x[first + c]) * factor * weight[c];
    if (ROTATE == 1) {
      let pair = (c % params.head4) * 2;
      let one = turn(pair, frame, y, token % params.width);
      let two = turn(pair + 1, frame, y, token % params.width);
      v = vec4f(v.x * one.x - v.y * one.y, v.x * one.y + v.y * one.x, v.z * two.x - v.w * two.y, v.z * two.y + v.w * two.x);
    }
    x[first + c] = vec4<Value>(v);
  }
}
