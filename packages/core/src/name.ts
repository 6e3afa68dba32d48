import { BacklotError } from './error.ts';

const pattern = /^[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*$/;
const maxLength = 63;

/** A name outside the one narrow grammar that every name of ours follows. */
export class BadName extends BacklotError {
  constructor(what: string) {
    super({
      code: 'E-CORE-005',
      kind: 'usage',
      reason:
        `the ${what} is not a name: lower-case letters and digits, parts joined by - _ or ., ` +
        `first a letter, at most ${maxLength} characters`,
    });
  }
}

/** Whether a text is a name. */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && text.length <= maxLength && pattern.test(text);
}

/**
 * The text, when it is a name (of a table, pipeline, task, model, endpoint, ...).
 *
 * @example
 * parseName('daily-recommend', 'pipeline'); // 'daily-recommend'
 */
export function parseName(text: string, what: string): string {
  if (!isName(text)) throw new BadName(what);
  return text;
}
