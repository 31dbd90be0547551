/** How a number came to be, in a word and a texture: the same four everywhere. */
import { html, svg, type TemplateResult } from 'lit';
import type { Kind } from '../../core/result';
import { words } from '../state/settings';

const KINDS: readonly Kind[] = ['measured', 'sampled', 'derived', 'published'];

export function kindBadge(kind: Kind): TemplateResult {
  const { kinds } = words.value;
  return html`<span class="kind" title=${kinds.explain[kind]}>${kindSwatch(kind)}${kinds[kind]}</span>`;
}

export function kindLegend(): TemplateResult {
  const { kinds } = words.value;
  return html`
    <details class="legend">
      <summary>${KINDS.map((kind) => html`<span class="kind">${kindSwatch(kind)}${kinds[kind]}</span>`)} ${kinds.legend}</summary>
      <dl>
        ${KINDS.map(
          (kind) => html`<div>
            <dt>${kindSwatch(kind)}${kinds[kind]}</dt>
            <dd>${kinds.explain[kind]}</dd>
          </div>`,
        )}
      </dl>
    </details>
  `;
}

const kindSwatch = (kind: Kind) => html`<svg class="kind-swatch" width="18" height="12" aria-hidden="true">
  <g class="segment kind-${kind}">
    <rect class="fill" width="18" height="12" />
    <rect class="edge" x="0.75" y="0.75" width="16.5" height="10.5" />
  </g>
</svg>`;

/**
 * The textures, once for the page. Masks, so that the colour stays the stage's:
 * sampled is mostly there with gaps, derived mostly gaps.
 */
export function textureDefinitions(): TemplateResult {
  const stripes = (id: string, width: number) => svg`
    <pattern id="${id}-stripes" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width=${width} height="6" fill="white" />
    </pattern>
    <mask id=${id}>
      <rect x="-4096" y="-4096" width="8192" height="8192" fill="url(#${id}-stripes)" />
    </mask>`;
  return html`<svg class="textures" width="0" height="0" aria-hidden="true">
    <defs>
      ${stripes('texture-sampled', 4.2)} ${stripes('texture-derived', 1.6)}
      <pattern id="texture-missing" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <rect class="missing-stripe" width="1" height="8" />
      </pattern>
    </defs>
  </svg>`;
}
