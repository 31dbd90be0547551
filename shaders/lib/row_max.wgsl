// The largest of one number of each invocation of a workgroup, given to all of them.
var<workgroup> row_largest: array<f32, WORKGROUP>;

fn row_max(value: f32, lane: u32) -> f32 {
  row_largest[lane] = value;
  workgroupBarrier();
  for (var width = WORKGROUP / 2; width > 0; width /= 2) {
    if (lane < width) { row_largest[lane] = max(row_largest[lane], row_largest[lane + width]); }
    workgroupBarrier();
  }
  let largest = row_largest[0];
  workgroupBarrier(); // so that the array may be used again
  return largest;
}
