import { html, nothing, svg, type TemplateResult } from 'lit';
import { percentDone } from '../progress';
import { making } from '../state/making';
import { downloaded } from '../state/models';
import { VIEWS, type View, view } from '../state/route';
import { underWay } from '../state/run';
import { language, nextScheme, type Scheme, scheme, setLanguage, setScheme, words } from '../state/settings';
import { measuring } from '../state/streaming';

export function header(): TemplateResult {
  const { nav } = words.value;
  return html`
    <a class="skip" href="#content" @click=${skipToContent}>${words.value.skip}</a>
    <header>
      <a class="brand" href="#benchmark">${brandMark()}WanScope</a>
      <nav aria-label=${nav.label}>
        ${VIEWS.map(
          (each) => html`<a href="#${each}" aria-current=${view.value === each ? 'page' : nothing}>${nav[each]}</a>`,
        )}
      </nav>
      <div class="settings">${languageButton()} ${schemeButton()}</div>
    </header>
    ${slimBar()}
  `;
}

/** Not a hash change: hashes are views here. */
function skipToContent(event: Event): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

function languageButton() {
  const { other, otherCode, switch: label } = words.value.language;
  const next = language.value === 'en' ? 'zh' : 'en';
  return html`<button class="quiet" lang=${otherCode} aria-label=${label} @click=${() => setLanguage(next)}>${other}</button>`;
}

function schemeButton() {
  const names = words.value.scheme;
  const next = nextScheme(scheme.value);
  return html`<button
    class="quiet icon"
    aria-label=${names.label(names[scheme.value], names[next])}
    title=${names[scheme.value]}
    @click=${() => setScheme(next)}
  >
    ${schemeIcon(scheme.value)}
  </button>`;
}

/** While something goes on and another view is open, one line leads back. */
function slimBar() {
  const { progress, generate, weights } = words.value;
  if (underWay.value && view.value !== 'benchmark')
    return barTo('benchmark', percentDone(underWay.value.progress), progress.elsewhere);
  if (making.value.name === 'running' && view.value !== 'generate')
    return barTo('generate', percentDone(making.value.progress), generate.elsewhere);
  if (view.value === 'weights') return nothing;
  if (measuring.value.name === 'running')
    return barTo('weights', percentDone(measuring.value.progress), weights.streaming.elsewhere);
  const arrived = downloaded.value;
  return arrived === null ? nothing : barTo('weights', Math.floor(arrived * 100), weights.download.elsewhere);
}

function barTo(target: View, percent: number, say: (percent: number) => string) {
  return html`<a class="slim-bar" href="#${target}">
    <progress max="100" value=${percent} aria-hidden="true"></progress>
    ${say(percent)}
  </a>`;
}

function schemeIcon(now: Scheme) {
  const shapes = {
    system: svg`<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="1.5" /><path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" />`,
    light: svg`<circle cx="8" cy="8" r="3" fill="currentColor" /><path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5 13 13M13 3l-1.5 1.5M4.5 11.5 3 13" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" />`,
    dark: svg`<path d="M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z" fill="currentColor" />`,
  };
  return html`<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">${shapes[now]}</svg>`;
}

/** Three stages under one another, the middle one longest: what every run looks like. */
function brandMark() {
  return html`<svg class="brand-mark" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
    <rect class="stage-encode" x="1" y="3" width="5" height="4" />
    <rect class="stage-denoise" x="1" y="8" width="18" height="4" />
    <rect class="stage-decode" x="1" y="13" width="10" height="4" />
  </svg>`;
}
