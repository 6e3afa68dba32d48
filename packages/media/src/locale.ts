/** A language as the store writes it. */
export interface Locale {
  /** A BCP 47 tag: a language, with its script where a language has two. */
  readonly code: string;
  /** An ISO 639 language. */
  readonly language: string;
  /** An ISO 15924 script. */
  readonly script: string;
  readonly direction: 'ltr' | 'rtl';
}

/** ISO 15924 script, then the languages that the store writes in it. */
const languagesByScript = `
  Latn ca cs da de en es fi fr hr hu id it ms nb nl pl pt ro sk sv tr vi
  Cyrl ru uk
  Grek el
  Arab ar fa ur
  Hebr he
  Deva hi
  Beng bn
  Thai th
  Jpan ja
  Kore ko
  Hans zh-Hans
  Hant zh-Hant
`;

const rightToLeft = new Set(['Arab', 'Hebr']);

/** The 35 languages of the store, Chinese in both of its scripts, by code. */
export const locales: readonly Locale[] = languagesByScript
  .trim()
  .split('\n')
  .flatMap((line) => {
    const [script, ...codes] = line.trim().split(' ');
    return codes.map((code) => localeOf(code, script!));
  })
  .sort((a, b) => (a.code < b.code ? -1 : 1));

function localeOf(code: string, script: string): Locale {
  return Object.freeze({
    code,
    language: code.split('-')[0]!,
    script,
    direction: rightToLeft.has(script) ? 'rtl' : 'ltr',
  });
}

const byCode = new Map(locales.map((locale) => [locale.code, locale]));

/** The locale of a code, `undefined` when the store does not write it. */
export function findLocale(code: string): Locale | undefined {
  return byCode.get(code);
}

/**
 * The name of a language, in that or in another language.
 *
 * @example
 * localeName('fr', 'en'); // 'French'
 */
export function localeName(code: string, inLocale: string = code): string {
  return new Intl.DisplayNames([inLocale], { type: 'language' }).of(code) ?? code;
}
