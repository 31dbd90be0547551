/** Keeps open what was asked for last, and what is still in use: a run reads its files to the end, whatever else is opened. */

export interface Closable {
  close(): void;
}

/** `opened` takes what is to be closed with it. */
export type Opening<T> = (opened: Closable[]) => Promise<T>;

export interface Borrowed<T> {
  readonly value: Promise<T>;
  /** Call once. */
  giveBack(): void;
}

interface Held<T> {
  readonly key: string;
  readonly value: Promise<T>;
  readonly opened: Closable[];
  users: number;
}

export interface LastOpened<T> {
  /** Opens it unless it is the last one. What failed to open is closed, and opened anew when asked for again. */
  borrow(key: string, open: Opening<T>): Borrowed<T>;
  /** The last one is not wanted any more, unless it is this. */
  letGo(except?: string): void;
}

export function lastOpened<T>(): LastOpened<T> {
  let last: Held<T> | null = null;

  async function closeUnused(held: Held<T>): Promise<void> {
    if (held === last || held.users > 0) return;
    await held.value.catch(() => {}); // until then more may be opened
    for (const each of held.opened.splice(0)) each.close();
  }

  function letGo(except?: string): void {
    const before = last;
    if (!before || before.key === except) return;
    last = null;
    void closeUnused(before);
  }

  return {
    borrow(key, open) {
      if (last?.key !== key) {
        letGo();
        const opened: Closable[] = [];
        const opening: Held<T> = { key, value: open(opened), opened, users: 0 };
        last = opening;
        opening.value.catch(() => {
          if (last === opening) letGo();
        });
      }
      const held = last!;
      held.users += 1;
      return {
        value: held.value,
        giveBack() {
          held.users -= 1;
          void closeUnused(held);
        },
      };
    },
    letGo,
  };
}
