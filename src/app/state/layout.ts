/** The width charts are drawn at: text in them keeps its size, whatever the screen. */
import { signal } from '@preact/signals-core';

export const contentWidth = signal(0);

export function measureContent(element: HTMLElement): void {
  const read = () => {
    contentWidth.value = element.clientWidth;
  };
  read();
  new ResizeObserver(read).observe(element);
}
