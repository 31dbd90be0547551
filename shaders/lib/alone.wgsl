// In the place of the built-in function, where an invocation has no neighbours to
// ask or the device has no subgroups: what it would be handed it has itself.

fn subgroupBroadcast(value: vec4f, lane: u32) -> vec4f {
  return value;
}
