/** Widths of chart text in the page's own font, measured once for each text. */
import type { Words } from '../../words/en';

/** The width in pixels of a text of a size in pixels and a weight, 400 when not given. */
export type Measure = (text: string, sizePx: number, weight?: number) => number;

/** What a layout needs to say something and to leave room for it. */
export interface Pen {
  readonly words: Words;
  readonly measure: Measure;
}

/** The sizes of charts.css. */
export const NAME_PX = 15;
export const TOTAL_PX = 14;
export const SMALL_PX = 12.5;

/** A view draws some hundreds; a run under way makes new ones all the time. */
const MOST_WIDTHS = 1000;
const widths = new Map<string, number>();
let context: CanvasRenderingContext2D | null = null;

export const textWidth: Measure = (text, sizePx, weight = 400) => {
  const key = `${weight} ${sizePx} ${text}`;
  const known = widths.get(key);
  if (known !== undefined) return known;
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return roughWidth(text, sizePx);
  context.font = `${weight} ${sizePx}px ${getComputedStyle(document.documentElement).fontFamily}`;
  const { width } = context.measureText(text);
  if (widths.size > MOST_WIDTHS) widths.clear();
  widths.set(key, width);
  return width;
};

/** Where no canvas can draw. Chinese characters are as wide as the type is high; others are taken for wide ones. */
export function roughWidth(text: string, sizePx: number): number {
  return [...text].reduce((sum, character) => sum + (character > '\u2e80' ? 1 : 0.6), 0) * sizePx;
}

/** The text, or as much of its beginning as fits with an ellipsis; empty where not even that does. */
export function fittingText(text: string, room: number, measure: Measure, sizePx: number, weight?: number): string {
  if (measure(text, sizePx, weight) <= room) return text;
  const characters = [...text];
  for (let count = characters.length - 1; count > 0; count--) {
    const short = `${characters.slice(0, count).join('').trimEnd()}…`;
    if (measure(short, sizePx, weight) <= room) return short;
  }
  return '';
}
