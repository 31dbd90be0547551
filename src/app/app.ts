/** The page around the views. */
import { html, type TemplateResult } from 'lit';
import { dropNow } from './parts/drops';
import { header } from './parts/header';
import { textureDefinitions } from './parts/kind';
import { outerLink } from './parts/outer_link';
import { stopDialog } from './parts/stop_dialog';
import { percentDone } from './progress';
import { matrix } from './state/cases';
import { making } from './state/making';
import { view } from './state/route';
import { run } from './state/run';
import { words } from './state/settings';
import { measuring } from './state/streaming';
import { shownView } from './views/shown';

export function app(): TemplateResult {
  return html`
    ${textureDefinitions()} ${header()}
    <main id="content" tabindex="-1">${shownView()}</main>
    ${footer()} ${stopDialog()} ${dropNow()}
  `;
}

function footer() {
  const { footer: names } = words.value;
  return html`<footer>
    <p>${names.privacy}</p>
    <p>
      ${outerLink('https://github.com/zysno1/Wan2.2-Enhanced', names.sources)}
      ${outerLink('https://webgpureport.org', names.report)}
    </p>
  </footer>`;
}

/** The tab says how far the run is: a hidden tab is where most runs are waited for. */
export function title(): string {
  const name = `WanScope · ${words.value.nav[view.value]}`;
  const running = [run.value, matrix.value, making.value, measuring.value].find((each) => each.name === 'running');
  return running ? `${percentDone(running.progress)} % · ${name}` : name;
}
