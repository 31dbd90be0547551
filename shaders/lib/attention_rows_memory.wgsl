// The largest value among the ROW_LANES invocations that share a query.
var<workgroup> row_values: array<f32, THREADS>;

fn row_max(value: f32, lane: u32) -> f32 {
  row_values[lane] = value;
  workgroupBarrier();
  var most = value;
  let first = lane / ROW_LANES * ROW_LANES;
  for (var i = 0u; i < ROW_LANES; i++) { most = max(most, row_values[first + i]); }
  return most;
}
