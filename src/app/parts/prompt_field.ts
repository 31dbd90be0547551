/** The prompt, how much of it is read, and help for a model that knows few words. */
import { html, nothing, type TemplateResult } from 'lit';
import type { VideoModel } from '../../core/clip_run';
import { changeSettings, clipSettings, reading } from '../state/clip_form';
import { words } from '../state/settings';

export function promptPart({ examples, knownWords }: VideoModel): TemplateResult {
  const { prompt: say } = words.value.generate;
  const read = reading.value;
  const write = (event: Event) => changeSettings({ prompt: (event.target as HTMLTextAreaElement).value });
  return html`
    <div class="form-part">
      <div class="prompt-head">
        <label for="prompt">${say.heading}</label>
        <span class="note" id="prompt-tokens">${read ? say.tokens(read.tokens, read.limit) : ''}</span>
      </div>
      <textarea
        id="prompt"
        name="prompt"
        rows="3"
        placeholder=${say.placeholder}
        aria-describedby="prompt-tokens prompt-remarks"
        .value=${clipSettings.value?.prompt ?? ''}
        @input=${write}
      ></textarea>
      <div class="remarks" id="prompt-remarks" role="status">
        ${read?.cut ? html`<p class="bad">${say.cut(read.cut)}</p>` : nothing}
        ${read && read.unknown.length > 0 ? html`<p class="bad">${say.unknown(read.unknown.join(words.value.weights.comma))}</p>` : nothing}
      </div>
      ${examples.length > 0 ? exampleList(examples) : nothing} ${knownWords.length > 0 ? vocabulary(knownWords) : nothing}
    </div>
  `;
}

function exampleList(examples: readonly string[]) {
  const { prompt: say } = words.value.generate;
  return html`<ul class="examples" aria-label=${say.examples}>
    ${inOrder(examples).map(
      (example) => html`<li>
        <button type="button" lang=${languageOf(example)} @click=${() => changeSettings({ prompt: example })}>${example}</button>
      </li>`,
    )}
  </ul>`;
}

/** Those in the reader's language first. */
function inOrder(texts: readonly string[]): string[] {
  const isOwn = (text: string) => languageOf(text).startsWith(words.value.language.code);
  return [...texts.filter(isOwn), ...texts.filter((text) => !isOwn(text))];
}

const languageOf = (text: string) => (/\p{Script=Han}/u.test(text) ? 'zh-Hans' : 'en');

function vocabulary(kinds: VideoModel['knownWords']) {
  const { prompt: say } = words.value.generate;
  return html`<details>
    <summary>${say.knows}</summary>
    <dl class="known-words">
      ${kinds.map(
        ({ kind, words: known }) => html`<div>
          <dt>${say.kinds[kind] ?? kind}</dt>
          <dd>
            ${inOrder(known).map(
              (word, i) =>
                html`${i > 0 ? words.value.weights.comma : nothing}<span lang=${languageOf(word)}>${word}</span>`,
            )}
          </dd>
        </div>`,
      )}
    </dl>
  </details>`;
}
