// result[pixel, column] = activate(addend + bias + Σ_tap Σ_c left[position(pixel) + offset(tap), c] · weight[column, tap, c])
//
// A convolution as a tiled product. Its input is a window (conv_window.wgsl):
// positions in frames, rows and columns, where border and past are laid out, so
// that a tap is a constant distance and nothing has to be tested. The rows of the
// product are the positions themselves, those of the border too: their sums are
// dropped, which costs one column in `pitch`, and spares every division while
// the operand is fetched.
//
// A batch is one of the four phases of an upsampling convolution, or one frame
// of a strided one: each has its own place to begin, in window and result.

struct Params {
  first_group: u32,
  rows: u32,             // positions of a batch, up to its last pixel
  columns: u32,
  depth4: u32,
  channels4: u32,
  // The product's order: tiles of a batch run down the rows first, or across the columns.
  across: u32,
  // Positions: where row 0 begins to read, from row to row, from batch to batch.
  origin: u32,
  row_stride: u32,
  batch_width: u32,
  batch_y: u32,
  batch_x: u32,
  // Depth runs on inside a row of taps; what the next row and the next frame of taps add to it.
  per_line: f32,         // 1 ÷ depth4 of a row of taps
  line_jump: u32,
  per_frame: f32,        // 1 ÷ depth4 of a frame of taps
  frame_jump: u32,
  // The weight, in vec4: from column to column, where a column begins, from batch to batch.
  weight_stride: u32,
  weight_first: u32,
  weight_batch: u32,
  first_column: u32,
  // Which positions are pixels.
  pitch: u32,
  plane: u32,
  width: u32,
  height: u32,
  // Where a pixel goes, in pixels of the result.
  to_frame: u32,
  to_row: u32,
  to_column: u32,
  to_batch_y: u32,
  to_batch_x: u32,
  to_half: u32,          // the channels past result_columns are those of another frame
  result_columns: u32,
  // Of a shortcut that grows (lib/addend_grown.wgsl): its pixels a row, its channels, and how frames double.
  grown_width: u32,
  grown_channels: u32,
  grown_factor: u32,
  grown_dropped: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> left: array<vec4<Left>>;            // (positions, channels)
@group(0) @binding(3) var<storage, read_write> result: array<vec4<Result>>;  // (frames, height, width, result_columns)

const WHOLE: u32 = 0; // 1 where the rounds of a tile divide the depth, so that nothing is read past its end

// Of the workgroup's batch.
var<private> batch_left: u32;
var<private> batch_weight: u32;
var<private> batch_pixel: u32;

fn left4(row: u32, k4: u32) -> vec4<Left> {
  // Exact: depth4 is far below 2²², and the half keeps away from the next whole number.
  let middle = f32(k4) + 0.5;
  let offset = k4 + u32(middle * params.per_line) * params.line_jump + u32(middle * params.per_frame) * params.frame_jump;
  // Past the end of depth any value will do, since the weight is zero there; a test would cost a CPU a tenth.
  return left[(batch_left + offset) + min(row, params.rows - 1) * params.row_stride];
}

fn right4(column: u32, k4: u32) -> vec4f {
  if (WHOLE == 0 && k4 >= params.depth4) { return vec4f(); }
  return weight4((batch_weight + k4) + min(column, params.columns - 1) * params.weight_stride);
}

fn store4(row: u32, column: u32, sum: vec4f) {
  if (row >= params.rows || column >= params.columns) { return; }
  let x = row % params.pitch;
  let y = (row % params.plane) / params.pitch;
  if (x >= params.width || y >= params.height) { return; }
  let pixel = batch_pixel + (row / params.plane) * params.to_frame + y * params.to_row + x * params.to_column
    + (column / params.result_columns) * params.to_half;
  let channel = column % params.result_columns;
  let at = (pixel * params.result_columns + channel) / 4;
  result[at] = vec4<Result>(activate(added(at, biased(params.first_column + column, sum))));
}

@compute @workgroup_size(THREADS)
fn conv(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let down = (params.rows + BM - 1) / BM;
  let over = (params.columns + BN - 1) / BN;
  let group = params.first_group + id.x;
  let batch = group / (down * over);
  let tile = group % (down * over);

  let batch_y = batch / params.batch_width;
  let batch_x = batch % params.batch_width;
  batch_left = (params.origin + batch_y * params.batch_y + batch_x * params.batch_x) * params.channels4;
  batch_weight = params.first_column * params.weight_stride + params.weight_first + batch * params.weight_batch;
  batch_pixel = batch_y * params.to_batch_y + batch_x * params.to_batch_x;

  let tile_row = select(tile % down, tile / over, params.across == 1);
  let tile_column = select(tile / down, tile % over, params.across == 1);
  tile_product(tile_row * BM, tile_column * BN, 0, params.depth4, lane);
}
