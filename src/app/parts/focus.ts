/** What was focused is about to go: the focus moves to where the reader goes on, once that is drawn. */
export function focusSoon(selector: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus()));
}
