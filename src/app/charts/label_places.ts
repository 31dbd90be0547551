/** Where the names of dots stand: beside their dot, on nothing else, or nowhere. */
import { type Measure, SMALL_PX } from './text_width';

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export interface NamedDot {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** '' has no name. */
  readonly text: string;
}

/** `x` is where the text starts, `y` its baseline. */
export interface PlacedLabel {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

const ASCENT = 10;
const DESCENT = 3;
const GAP = 4;

/** The first dot chooses first: right of itself, left, above, below, or aslant. Null where all of these are taken. */
export function placeLabels(dots: readonly NamedDot[], inside: Box, measure: Measure): (PlacedLabel | null)[] {
  const taken: Box[] = [];
  return dots.map((dot) => {
    const { x, y, radius, text } = dot;
    const width = measure(text, SMALL_PX);
    const middle = y + (ASCENT - DESCENT) / 2;
    const places = [
      { x: x + radius + GAP, y: middle },
      { x: x - radius - GAP - width, y: middle },
      { x: x - width / 2, y: y - radius - GAP - DESCENT },
      { x: x - width / 2, y: y + radius + GAP + ASCENT },
      { x: x - width, y: y - radius - GAP - DESCENT },
      { x, y: y + radius + GAP + ASCENT },
    ];
    const place = places.find((place) => {
      const box = labelBox(place, width);
      const free = !taken.some((other) => overlaps(box, other));
      return free && isInside(box, inside) && !dots.some((other) => other !== dot && overlaps(box, dotBox(other)));
    });
    if (!text || !place) return null;
    taken.push(labelBox(place, width));
    return { ...place, text };
  });
}

export const labelBox = ({ x, y }: { readonly x: number; readonly y: number }, width: number): Box => ({
  left: x,
  right: x + width,
  top: y - ASCENT,
  bottom: y + DESCENT,
});

const dotBox = ({ x, y, radius }: NamedDot): Box => ({
  left: x - radius,
  right: x + radius,
  top: y - radius,
  bottom: y + radius,
});

export const overlaps = (a: Box, b: Box): boolean =>
  a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

const isInside = (box: Box, outer: Box) =>
  box.left >= outer.left && box.right <= outer.right && box.top >= outer.top && box.bottom <= outer.bottom;
