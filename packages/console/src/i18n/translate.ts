import type { MessageKey } from './catalogue-en.ts';
import { type Message, piecesOf, templateFor } from './message.ts';

export type Catalogue = Readonly<Record<MessageKey, Message>>;

/** The values of a message's places; `count` also chooses the plural. */
type MessageValues = Readonly<Record<string, string | number>>;

export type Translate = (key: MessageKey, values?: MessageValues) => string;

/**
 * The text of a message in one language. A number among the values prints with the locale's digits
 * and grouping; anything else is text already.
 */
export function createTranslate(locale: string, catalogue: Catalogue): Translate {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (key, values = {}) => {
    const count = typeof values.count === 'number' ? values.count : undefined;
    return piecesOf(templateFor(catalogue[key], rules, count))
      .map((piece) => {
        if ('text' in piece) return piece.text;
        const value = values[piece.place] ?? '';
        return typeof value === 'number' ? numbers.format(value) : value;
      })
      .join('');
  };
}
