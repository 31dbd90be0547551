/** What cards can do by their data sheets: fetched when Compare is first open. */
import { signal } from '@preact/signals-core';
import type { Card, CardFile } from '../../compare/card';

/** Empty until they are there; without them a roofline has its measured roofs alone. */
export const cards = signal<readonly Card[]>([]);

export async function loadCards(): Promise<void> {
  try {
    const response = await fetch(new URL('reference/cards.json', document.baseURI));
    if (!response.ok) return;
    const file: CardFile = await response.json();
    cards.value = file.cards;
  } catch {
    // The view works without.
  }
}
