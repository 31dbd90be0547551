/** Values of a run's key where products are of 8-bit numbers (core/products.ts). */
export const products: Readonly<Record<string, string>> = {
  'f32, int8 products': 'f32, multiplied in 8 bits',
  'f16, int8 products': 'f16, multiplied in 8 bits',
  'f32 as q8_0': 'f32, rounded to q8_0',
  'f16 as q8_0': 'f16, rounded to q8_0',
  'bf16 as q8_0': 'bf16, rounded to q8_0',
};
