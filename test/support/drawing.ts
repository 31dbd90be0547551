/** Where the texts of a drawn chart stand, by the same rough widths that its layout had without a canvas. */
import { NAME_PX, roughWidth, SMALL_PX, TOTAL_PX } from '../../src/app/charts/text_width';

interface TextBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function textBoxes(svg: Element): TextBox[] {
  return [...svg.querySelectorAll('text')]
    .filter((text) => !text.closest('.readout') && text.textContent!.trim() !== '')
    .map((element) => {
      const number = (name: string) => Number(element.getAttribute(name) ?? 0);
      const [, shift = '0'] =
        /translate\(0 (.+)\)/.exec(element.closest('[transform]')?.getAttribute('transform') ?? '') ?? [];
      const [x, y] = [number('x'), number('y') + Number(shift)];
      const looks = element.classList;
      const size = looks.contains('row-name') ? NAME_PX : looks.contains('row-total') ? TOTAL_PX : SMALL_PX;
      const note = element.querySelector('tspan')?.textContent ?? '';
      const name = note ? element.textContent!.slice(0, -note.length) : element.textContent!;
      const width = roughWidth(name.trim(), size) + (note ? 8 + roughWidth(note, SMALL_PX) : 0);
      const left = x - width * { start: 0, middle: 0.5, end: 1 }[element.getAttribute('text-anchor') ?? 'start']!;
      return { text: element.textContent!, left, right: left + width, top: y - 0.7 * size, bottom: y + 0.2 * size };
    });
}

export function overlappingTexts(svg: Element): string[] {
  const boxes = textBoxes(svg);
  return boxes.flatMap((a, i) =>
    boxes
      .slice(i + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map((b) => `${a.text} × ${b.text}`),
  );
}

export function textsOutside(svg: Element): string[] {
  const [width, height] = [Number(svg.getAttribute('width')), Number(svg.getAttribute('height'))];
  const inside = (box: TextBox) => box.left >= -0.5 && box.right <= width + 0.5 && box.top >= 0 && box.bottom <= height;
  return textBoxes(svg)
    .filter((box) => !inside(box))
    .map(({ text, left, right }) => `${text} from ${left} to ${right}`);
}

/** Markup to be read and compared: an element a line, two decimals, without lit's markers. */
export function rounded(markup: string): string {
  return markup
    .replace(/<!--.*?-->/gs, '')
    .replace(/\s+/g, ' ')
    .replace(/-?\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(2))))
    .replace(/ ?(<\w)/g, '\n$1')
    .trim();
}
