// Which timestep vector a row of tokens uses.
//
// Text-to-video has one timestep for all tokens, image-to-video two: the tokens
// of the given first frame stand at t = 0. `split` tokens use vector 0, the rest
// vector 1; the largest u32 means a vector for every token, as published.
fn timestep_vector(row: u32, tokens: u32, split: u32) -> u32 {
  let token = row % tokens;
  if (split == 0xffffffff) { return token; }
  return select(1u, 0u, token < split);
}
