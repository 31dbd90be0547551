// The product of lib/tile.wgsl without workgroup memory, for software adapters:
// a CPU's caches do the sharing, and barriers would cost it more than they save.
//
// Same contract: one workgroup makes a BM × BN tile; one invocation makes 8 × 4
// of it. Written out without arrays, because SwiftShader keeps those in memory.

const BM: u32 = 16;
const BN: u32 = 64;

const TX = BN / 4;
const THREADS = TX * (BM / 8);

fn tile_product(row0: u32, column0: u32, depth4: u32, lane: u32) {
  let row = row0 + (lane / TX) * 8;
  let column = column0 + (lane % TX) * 4;

  var sum0 = vec4f();
  var sum1 = vec4f();
  var sum2 = vec4f();
  var sum3 = vec4f();
  var sum4 = vec4f();
  var sum5 = vec4f();
  var sum6 = vec4f();
  var sum7 = vec4f();
  for (var k = 0u; k < depth4; k++) {
    let right0 = right4(column, k);
    let right1 = right4(column + 1, k);
    let right2 = right4(column + 2, k);
    let right3 = right4(column + 3, k);
    let x = vec4f(right0.x, right1.x, right2.x, right3.x);
    let y = vec4f(right0.y, right1.y, right2.y, right3.y);
    let z = vec4f(right0.z, right1.z, right2.z, right3.z);
    let w = vec4f(right0.w, right1.w, right2.w, right3.w);
    let left0 = vec4f(left4(row, k));
    sum0 += left0.x * x + left0.y * y + left0.z * z + left0.w * w;
    let left1 = vec4f(left4(row + 1, k));
    sum1 += left1.x * x + left1.y * y + left1.z * z + left1.w * w;
    let left2 = vec4f(left4(row + 2, k));
    sum2 += left2.x * x + left2.y * y + left2.z * z + left2.w * w;
    let left3 = vec4f(left4(row + 3, k));
    sum3 += left3.x * x + left3.y * y + left3.z * z + left3.w * w;
    let left4_ = vec4f(left4(row + 4, k));
    sum4 += left4_.x * x + left4_.y * y + left4_.z * z + left4_.w * w;
    let left5 = vec4f(left4(row + 5, k));
    sum5 += left5.x * x + left5.y * y + left5.z * z + left5.w * w;
    let left6 = vec4f(left4(row + 6, k));
    sum6 += left6.x * x + left6.y * y + left6.z * z + left6.w * w;
    let left7 = vec4f(left4(row + 7, k));
    sum7 += left7.x * x + left7.y * y + left7.z * z + left7.w * w;
  }
  store4(row, column, sum0);
  store4(row + 1, column, sum1);
  store4(row + 2, column, sum2);
  store4(row + 3, column, sum3);
  store4(row + 4, column, sum4);
  store4(row + 5, column, sum5);
  store4(row + 6, column, sum6);
  store4(row + 7, column, sum7);
}
