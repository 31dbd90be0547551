/** Widths of chart text in the page's own font, measured once for each text. */
const widths = new Map<string, number>();
let context: CanvasRenderingContext2D | null = null;

export function textWidth(text: string, sizePx: number, weight = 400): number {
  const key = `${weight} ${sizePx} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d')!;
  context.font = `${weight} ${sizePx}px ${getComputedStyle(document.documentElement).fontFamily}`;
  const { width } = context.measureText(text);
  if (widths.size > 2000) widths.clear(); // a run under way makes new texts all the time
  widths.set(key, width);
  return width;
}
