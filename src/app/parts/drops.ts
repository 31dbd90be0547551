/** Files dropped on the page: results where they are compared, weights where those are, and a picture to begin with. */
import { signal } from '@preact/signals-core';
import { html, nothing, type TemplateResult } from 'lit';
import { busy } from '../state/busy';
import { openFolders, openFiles as openWeights } from '../state/local_models';
import { givePicture, pictureAmong } from '../state/picture';
import { view } from '../state/route';
import { words } from '../state/settings';

const dragging = signal(false);

const takesDrops = () => view.value !== 'benchmark';

export function dropNow(): TemplateResult | typeof nothing {
  if (!dragging.value) return nothing;
  return html`<div class="drop-now" aria-hidden="true">${view.value === 'generate' ? words.value.generate.picture.dropNow : words.value.compare.dropNow}</div>`;
}

/** Call once. A file dropped beside the view would otherwise replace the page. */
export function acceptDrops(): void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dragging.value = takesDrops();
  });
  addEventListener('dragleave', (event) => {
    if (!event.relatedTarget) dragging.value = false;
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    dragging.value = false;
    if (view.value === 'compare') void openResults([...event.dataTransfer!.files]);
    if (view.value === 'weights') void openDropped(event.dataTransfer!);
    if (view.value === 'generate') takePicture(event.dataTransfer!.files);
  });
  addEventListener('paste', (event) => {
    if (!event.clipboardData) return;
    if (view.value === 'generate' && !isText(event.target, event.clipboardData)) takePicture(event.clipboardData.files);
    if (view.value === 'compare' && !isInField(event.target)) void takeResults(event.clipboardData);
  });
}

/** What is pasted into a field is the field's. */
const isInField = (target: EventTarget | null) => target instanceof Element && target.closest(':read-write') !== null;

/** For the field that it is pasted into: cells of a spreadsheet come with a picture of themselves. */
const isText = (target: EventTarget | null, data: DataTransfer) =>
  isInField(target) && data.types.includes('text/plain');

/** Its code comes with the view. */
const openResults = async (files: readonly File[]) => (await import('../state/adding')).openFiles(files);

async function takeResults(data: DataTransfer): Promise<void> {
  const files = [...data.files];
  const text = data.getData('text/plain');
  if (files.length > 0) await openResults(files);
  else if (text.trim()) (await import('../state/adding')).openPasted(text, words.value.compare.add.clipboard);
}

/** What is none is refused in words. */
function takePicture(files: FileList): void {
  const file = pictureAmong(files) ?? files[0];
  if (file && busy.value !== 'clip') void givePicture(file);
}

type Dropped = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };

/** What was dropped is told during the event alone, so all is asked for before anything is waited for. */
async function openDropped({ items, files }: DataTransfer): Promise<void> {
  const all = [...files];
  const handles = await Promise.all(
    [...items].map((item: Dropped) => (item.kind === 'file' ? item.getAsFileSystemHandle?.().catch(() => null) : null)),
  );
  const folders = handles.filter((handle) => handle?.kind === 'directory') as FileSystemDirectoryHandle[];
  const names = folders.map(({ name }) => name);
  if (folders.length > 0) await openFolders(folders);
  const rest = all.filter(({ name }) => !names.includes(name));
  if (rest.length > 0) await openWeights(rest);
}
