/** How results name what the transformer's linear layers multiply: their own numbers, or those rounded to 8 bits. */

/** `int8`: activations and weights of the blocks are rounded to 8 bits, each 32 with a scale of their own. */
export const PRODUCTS = ['exact', 'int8'] as const;

export type Products = (typeof PRODUCTS)[number];

/** 'f16', or 'f16, int8 products': never the same as without. */
export const activationsName = (activations: string, products: Products | undefined): string =>
  products === 'int8' ? `${activations}, int8 products` : activations;

/** 'bf16', or 'bf16 as q8_0' where a file's weights are rounded as they are loaded. */
export const weightsName = (weights: string, products: Products | undefined): string =>
  products === 'int8' && weights !== 'q8_0' ? `${weights} as q8_0` : weights;
