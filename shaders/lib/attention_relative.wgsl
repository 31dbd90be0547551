// UMT5's relative-position bias, by distance: entry key − query + queries − 1.
@group(0) @binding(5) var<storage, read> distance_bias: array<f32>; // (heads, queries + keys − 1)

fn bias4(head: u32, query: u32, key: u32) -> vec4f {
  let distances = params.queries + params.keys - 1;
  let first = head * distances + params.queries - 1 - query;
  let last = params.keys - 1; // keys past the end are masked; reading them must stay in bounds
  return vec4f(
    distance_bias[first + min(key, last)],
    distance_bias[first + min(key + 1, last)],
    distance_bias[first + min(key + 2, last)],
    distance_bias[first + min(key + 3, last)],
  );
}
