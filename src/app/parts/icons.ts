/** The signs on the player's buttons. */
import { html, svg, type TemplateResult } from 'lit';

const SHAPES = {
  play: svg`<path d="M4 2.5v11l9-5.5z" fill="currentColor" />`,
  pause: svg`<path d="M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z" fill="currentColor" />`,
  back: svg`<path d="M12.5 2.5v11L5.5 8zM3 2.5h1.8v11H3z" fill="currentColor" />`,
  on: svg`<path d="M3.5 2.5v11l7-5.5zM11.2 2.5H13v11h-1.8z" fill="currentColor" />`,
  loop: svg`<path d="M4.5 4.5h6a3 3 0 0 1 3 3v.5M11.5 11.5h-6a3 3 0 0 1-3-3V8M6.5 2.5l-2 2 2 2M9.5 9.5l2 2-2 2" fill="none" stroke="currentColor" stroke-width="1.5" />`,
  fullscreen: svg`<path d="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" fill="none" stroke="currentColor" stroke-width="1.5" />`,
};

export const icon = (name: keyof typeof SHAPES): TemplateResult =>
  html`<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[name]}</svg>`;
