/** The views are links. An unknown hash is the landing view. What follows a `?` is the view's own: a result in a link. */
import { signal } from '@preact/signals-core';

export const VIEWS = ['benchmark', 'generate', 'weights', 'compare'] as const;
export type View = (typeof VIEWS)[number];

const current = (): View => VIEWS.find((each) => location.hash.split('?')[0] === `#${each}`) ?? 'benchmark';

export const view = signal<View>(current());

/** Call once. `bring` resolves when a view can be drawn; then focus follows to its heading, as it would on a page load. */
export function followHash(bring: (view: View) => Promise<void>): void {
  void bring(view.value);
  addEventListener('hashchange', async () => {
    if (view.value === current()) return;
    const next = current();
    view.value = next;
    await bring(next);
    if (view.value !== next) return;
    requestAnimationFrame(() => {
      scrollTo(0, 0);
      document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    });
  });
}
