/** The matrix product by its definition; its exact kernels and that of 8-bit numbers are held to it. */

/** x (rows, depth) · weight (columns, depth)ᵀ + bias (columns), in double precision. */
export function reference(
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  depth: number,
  bias?: ArrayLike<number>,
): Float64Array<ArrayBuffer> {
  const [rows, columns] = [x.length / depth, weight.length / depth];
  const y = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      let sum = bias?.[column] ?? 0;
      for (let k = 0; k < depth; k++) sum += x[row * depth + k]! * weight[column * depth + k]!;
      y[row * columns + column] = sum;
    }
  return y;
}
