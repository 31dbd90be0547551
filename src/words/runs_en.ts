/** Kept runs and links, in English; `runs_zh.ts` has the same shape. */
export const runs = {
  heading: 'Kept in this browser',
  none: 'Benchmarks you run are kept here, and videos you choose to compare.',
  line: (what: string, machine: string, date: string) => `${what} · ${machine} · ${date}`,
  modes: { quick: 'Quick', standard: 'Standard', full: 'Full' },
  video: (size: string, frames: number, model: string) => `Video ${size}, ${frames} frames, ${model}`,
  name: (what: string) => `Name of: ${what}`,
  namePlaceholder: 'Name',
  choose: 'Compare',
  save: 'Save JSON',
  saveAll: (count: number) => `Save all ${count} as one file`,
  remove: 'Delete',
  removeOne: (what: string) => `Delete ${what}`,
  saveOne: (what: string) => `Save JSON: ${what}`,
  removed: (what: string) => `${what} was deleted.`,
  undo: 'Undo',
  notMine: 'not made in this browser',
  notMineWhy:
    'What comes by a link or a file was not measured by this browser: its numbers are its sender’s. It can be kept, and stays marked.',
  keep: 'Keep',
  keepOne: (what: string) => `Keep ${what} in this browser`,
  unsaved: 'not stored',
  dropped: (names: string, most: number) =>
    `${most} runs are kept at most. The oldest without a name made room: ${names}.`,
  allNamed: (most: number) =>
    `${most} runs are kept, all with names, so the newest is not stored. It lasts until this page is closed: save it as a file, or delete another run and name this one.`,
  failed: {
    full: 'This browser’s storage is full. Runs that are not stored last until this page is closed: save them as files, or delete others.',
    denied:
      'This browser keeps nothing for this page, as in private windows. Runs last until the page is closed: save them as files.',
  },
  link: {
    make: 'Link',
    makeOne: (what: string) => `Link to ${what}`,
    copied: (characters: string) =>
      `Copied: a link of ${characters} characters with the whole result in it. Nothing was uploaded; whoever has the link has the numbers.`,
    shortened: (characters: string) =>
      `Copied: a link of ${characters} characters with the result in it, but without its timeline and the course of its memory, which did not fit. Nothing was uploaded.`,
    notCopied: 'The browser did not allow copying. This is the link:',
    address: 'Link with the result in it',
    failed: 'No link could be made. Save the result as a file instead.',
    refused: 'The link was not opened.',
    name: 'From someone’s link',
  },
};

export type RunWords = typeof runs;
