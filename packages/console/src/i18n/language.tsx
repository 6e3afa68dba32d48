import { Fragment, type ReactNode, useEffect, useState } from 'react';
import type { Rich } from '../console-context.ts';
import { createFormat, type Format } from '../format/format.ts';
import type { Locale } from '../settings.ts';
import { type Message, piecesOf, templateFor } from './message.ts';
import { type Catalogue, createTranslate, type Translate } from './translate.ts';

export interface Language {
  readonly locale: Locale;
  readonly t: Translate;
  readonly rich: Rich;
  readonly f: Format;
}

/** Catalogues load on demand: a person reads one language. */
const loaders: Readonly<Record<Locale, () => Promise<Catalogue>>> = {
  en: async () => (await import('./catalogue-en.ts')).en,
  ar: async () => (await import('./catalogue-ar.ts')).ar,
};

async function loadLanguage(locale: Locale): Promise<Language> {
  const catalogue = await loaders[locale]();
  const t = createTranslate(locale, catalogue);
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    locale,
    t,
    rich: createRich(locale, catalogue),
    f: createFormat({ locale, timeZone, t }),
  };
}

function createRich(locale: Locale, catalogue: Catalogue): Rich {
  const rules = new Intl.PluralRules(locale);
  return (key, values, count) => {
    const message: Message = catalogue[key];
    return piecesOf(templateFor(message, rules, count)).map((piece, index) => {
      const node: ReactNode = 'text' in piece ? piece.text : values[piece.place];
      // Pieces of one template never move, so their place is their key.
      // biome-ignore lint/suspicious/noArrayIndexKey: see above
      return <Fragment key={index}>{node}</Fragment>;
    });
  };
}

/** The language that the person chose; the one before stays until its catalogue is there. */
export function useLanguage(locale: Locale): Language | undefined {
  const [language, setLanguage] = useState<Language>();
  useEffect(() => {
    let wanted = true;
    void loadLanguage(locale).then((loaded) => wanted && setLanguage(loaded));
    return () => {
      wanted = false;
    };
  }, [locale]);
  return language;
}
