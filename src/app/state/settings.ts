/** Language and colours: read before the first paint, remembered, switched at once. */
import { computed, effect, signal } from '@preact/signals-core';
import { en, type Words } from '../../words/en';
import type { Language } from '../../words/units';
import { zh } from '../../words/zh';

export type { Language };
export type Scheme = 'system' | 'light' | 'dark';

export const language = signal<Language>(remembered('language', ['en', 'zh']) ?? preferred());
export const scheme = signal<Scheme>(remembered('scheme', ['system', 'light', 'dark']) ?? 'system');
export const words = computed<Words>(() => (language.value === 'zh' ? zh : en));

/** Call once: keeps <html> and the store in step with the two settings. */
export function applySettings(): void {
  effect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-Hans' : 'en';
    document.documentElement.dataset.scheme = scheme.value;
  });
}

export function setLanguage(next: Language): void {
  language.value = next;
  remember('language', next);
}

/** In the order whose first click always changes something, whatever the system prefers. */
export function nextScheme(now: Scheme): Scheme {
  const systemIsDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const order: Scheme[] = systemIsDark ? ['system', 'light', 'dark'] : ['system', 'dark', 'light'];
  return order[(order.indexOf(now) + 1) % order.length]!;
}

export function setScheme(next: Scheme): void {
  scheme.value = next;
  remember('scheme', next);
}

function preferred(): Language {
  return navigator.languages
    .find((tag) => /^(zh|en)\b/i.test(tag))
    ?.toLowerCase()
    .startsWith('zh')
    ? 'zh'
    : 'en';
}

function remembered<T extends string>(name: string, known: readonly T[]): T | null {
  try {
    const kept = localStorage.getItem(`wanscope-${name}`);
    return known.find((each) => each === kept) ?? null;
  } catch {
    return null; // storage is blocked: the setting lives as long as the page
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`wanscope-${name}`, value);
  } catch {
    // Storage is blocked; see `remembered`.
  }
}
