// Sum of one number of each invocation of a workgroup, given to all of them.
var<workgroup> row_partial: array<f32, WORKGROUP>;

fn row_sum(value: f32, lane: u32) -> f32 {
  row_partial[lane] = value;
  workgroupBarrier();
  for (var width = WORKGROUP / 2; width > 0; width /= 2) {
    if (lane < width) { row_partial[lane] += row_partial[lane + width]; }
    workgroupBarrier();
  }
  let total = row_partial[0];
  workgroupBarrier(); // so that the array may be used again
  return total;
}
