/** What stands between a page and a server, and how servers are started so that it does not. */
import { html, type TemplateResult } from 'lit';
import { words } from '../state/settings';

const MODEL = 'Wan-AI/Wan2.2-TI2V-5B-Diffusers';

const COMMANDS = (origin: string) => [
  `vllm serve ${MODEL} --omni --port 8091 --enable-diffusion-pipeline-profiler --allowed-origins '["${origin}"]'`,
  `sglang serve --model-path ${MODEL} --port 30010`,
  `fastvideo serve --model-path ${MODEL} --port 8000`,
  `python main.py --port 8188 --enable-cors-header ${origin}`,
];

export function liveHelp(): TemplateResult {
  const { help } = words.value.live;
  const { cors, mixed, network, auth, timeout } = help;
  const origin = location.origin;
  return html`<details class="live-help">
    <summary>${help.heading}</summary>
    <p>${help.intro(origin)}</p>
    <ul class="prose">
      ${[cors, mixed, network, auth, timeout].map((each) => html`<li>${each}</li>`)}
    </ul>
    <h3>${help.start}</h3>
    <ul class="commands">
      ${COMMANDS(origin).map((command) => html`<li><code>${command}</code></li>`)}
    </ul>
  </details>`;
}
