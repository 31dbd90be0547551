/** 线性层以 8 位整数相乘时，运行条件中的取值（core/products.ts）。 */
import type { products as english } from './products_en';

export const products: typeof english = {
  'f32, int8 products': 'f32，以 int8 相乘',
  'f16, int8 products': 'f16，以 int8 相乘',
  'f32 as q8_0': 'f32，量化为 q8_0',
  'f16 as q8_0': 'f16，量化为 q8_0',
  'bf16 as q8_0': 'bf16，量化为 q8_0',
};
