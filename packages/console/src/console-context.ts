import { createContext, type ReactNode, useContext } from 'react';
import type { Principal } from './api-types.ts';
import type { Format } from './format/format.ts';
import type { MessageKey } from './i18n/catalogue-en.ts';
import type { Translate } from './i18n/translate.ts';
import type { hrefs } from './places.ts';

/** A message whose places hold elements, such as a name in bold. */
export type Rich = (
  key: MessageKey,
  values: Readonly<Record<string, ReactNode>>,
  count?: number,
) => ReactNode;

/** What every page reads: language, formats, who asks and how to address things. */
export interface Console {
  readonly t: Translate;
  readonly rich: Rich;
  readonly f: Format;
  readonly principal: Principal;
  readonly href: ReturnType<typeof hrefs>;
  /** Milliseconds, renewed often enough for "38 min ago". */
  readonly now: number;
}

export const ConsoleContext = createContext<Console | undefined>(undefined);

export function useConsole(): Console {
  const found = useContext(ConsoleContext);
  if (found === undefined) throw new Error('a page stands outside the console');
  return found;
}
