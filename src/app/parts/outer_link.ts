/** A link out of the page. In a tab of its own: what runs here would end. */
import { html, nothing, type TemplateResult } from 'lit';

export const outerLink = (url: string, text: string, title?: string): TemplateResult =>
  html`<a href=${url} target="_blank" rel="noreferrer" title=${title ?? nothing}>${text}</a>`;
