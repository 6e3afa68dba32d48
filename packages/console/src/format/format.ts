import type { Translate } from '../i18n/translate.ts';
import { numberFormats } from './numbers.ts';
import { timeFormats } from './times.ts';

interface FormatSettings {
  readonly locale: string;
  /** The workspace's zone, such as `Europe/Berlin`. */
  readonly timeZone: string;
  readonly t: Translate;
}

/** The one place where numbers, times and intervals become text. */
export type Format = ReturnType<typeof createFormat>;

export function createFormat({ locale, timeZone, t }: FormatSettings) {
  const lists = new Intl.ListFormat(locale, { type: 'unit', style: 'short' });
  const sentences = new Intl.ListFormat(locale, { type: 'conjunction' });
  const regions = new Intl.DisplayNames(locale, { type: 'region' });
  return {
    locale,
    timeZone,
    ...numberFormats(locale, t),
    ...timeFormats(locale, timeZone, t),
    /** Names within a sentence: "ID and EG". */
    all: (items: readonly string[]): string => sentences.format(items),
    list: (items: readonly string[]): string => lists.format(items),
    /** The country's name for a storefront's code; what is no code stays as it is. */
    storefront: (code: string): string =>
      (/^[A-Z]{2}$/.test(code) ? regions.of(code) : code) ?? code,
  };
}

/** The first digits of an id: seven of a run, six of a digest. */
export function shortId(id: string): string {
  return id.startsWith('sha256:') ? id.slice(7, 13) : id.slice(0, 7);
}

/** A long name cut in its middle, where names of one kind differ least. */
export function cutMiddle(name: string, most: number): string {
  const letters = [...name];
  if (letters.length <= most) return name;
  const head = Math.ceil((most - 1) / 2);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - (most - 1 - head)).join('')}`;
}
