/** Units of time and counting, in both languages: all that a number needs to be written. */
export type Language = 'en' | 'zh';

export const UNITS = {
  en: { ms: 'ms', s: 's', min: 'min', h: 'h', d: 'd', times: '×', frame: 'frames' },
  zh: { ms: '毫秒', s: '秒', min: '分', h: '小时', d: '天', times: '倍', frame: '帧' },
} as const satisfies Record<Language, Record<string, string>>;

/** Any dictionary that has them. */
export interface NumberWords {
  readonly units: Readonly<Record<keyof (typeof UNITS)['en'], string>>;
}
