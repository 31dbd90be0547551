// phases[py, px, o, dy, dx, c] = Σ stored[o, c, row, column] over the rows of (py, dy), the columns of (px, dx)
//
// Nearest upsampling repeats each pixel 2 × 2, so the nine taps of a 3×3
// convolution after it meet only four different pixels: taps that meet the same
// one are summed beforehand. For an even output row (phase 0) those are the
// stored rows {0} and {1, 2}, for an odd one (phase 1) {0, 1} and {2}; columns
// likewise. Output pixel (2y + py, 2x + px) then reads (y + py − 1 + dy, x + px − 1 + dx).
//
// One invocation reads all taps of four channels: 36 elements, nine aligned vec4.

const WORKGROUP: u32 = 64;

struct Params {
  first_group: u32,
  columns: u32,   // output channels
  channels4: u32, // input channels, in vec4
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> phases: array<vec4f>; // (2, 2, columns, 2, 2, channels)
// Binding 2, (columns, channels, 3, 3), is declared with `weight4`.

@compute @workgroup_size(WORKGROUP)
fn phase_weights(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = (params.first_group + id.x) * WORKGROUP + lane;
  if (at >= params.columns * params.channels4) { return; }

  var stored: array<f32, 36>; // (4 channels, 9 taps)
  for (var i = 0u; i < 9; i++) {
    let four = weight4(at * 9 + i);
    stored[4 * i] = four.x;
    stored[4 * i + 1] = four.y;
    stored[4 * i + 2] = four.z;
    stored[4 * i + 3] = four.w;
  }

  let column = at / params.channels4;
  let channel4 = at % params.channels4;
  for (var phase = 0u; phase < 4; phase++) {
    for (var tap = 0u; tap < 4; tap++) {
      let rows = merged(phase / 2, tap / 2);
      let columns = merged(phase % 2, tap % 2);
      var sum = vec4f();
      for (var row = rows.x; row <= rows.y; row++) {
        for (var column3 = columns.x; column3 <= columns.y; column3++) {
          let from_tap = row * 3 + column3;
          sum += vec4f(stored[from_tap], stored[9 + from_tap], stored[18 + from_tap], stored[27 + from_tap]);
        }
      }
      phases[((phase * params.columns + column) * 4 + tap) * params.channels4 + channel4] = sum;
    }
  }
}

// First and last of the stored taps that meet the same pixel, along one axis.
fn merged(phase: u32, tap: u32) -> vec2u {
  return select(vec2u(1 + phase, 2), vec2u(0, phase), tap == 0);
}
