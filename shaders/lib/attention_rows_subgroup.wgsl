// The largest value among the ROW_LANES invocations that share a query. They are
// neighbours, so they lie in one subgroup: ROW_LANES is at most 4, the smallest
// subgroup there is. No barrier is needed: each reads and rewrites its own scores.
fn row_max(value: f32, lane: u32) -> f32 {
  var most = value;
  for (var step = 1u; step < ROW_LANES; step *= 2) { most = max(most, subgroupShuffleXor(most, step)); }
  return most;
}
