import type { Json } from '@backlot/core';
import type * as z from 'zod';
import type { AnyContract } from './contract.ts';
import { ServerError } from './error.ts';

/**
 * What a path may carry as a parameter, whatever its contract's schema allows besides: names,
 * digests, ids and `task#shard`. No slash in either direction, no dots in a row, no percent sign (a
 * second decoding would find something), no control or non-ASCII character.
 */
const pathValue = /^[A-Za-z0-9](?:[A-Za-z0-9_:@=+-]|\.(?!\.))*(?:#[0-9]{1,6})?$/;
const maxQueryBytes = 4_096;
const maxQueryFields = 64;

export function parseParams(
  contract: AnyContract,
  given: Readonly<Record<string, string>>,
): Record<string, unknown> {
  for (const [name, value] of Object.entries(given)) {
    if (!pathValue.test(value)) {
      throw new ServerError('invalidInput', `params.${name} holds a character that no name has`, {
        place: `params.${name}`,
      });
    }
  }
  return validate(contract.params, { ...given }, 'params');
}

export function parseQuery(contract: AnyContract, url: string): Record<string, unknown> {
  const mark = url.indexOf('?');
  return validate(contract.query, mark < 0 ? {} : readQuery(url.slice(mark + 1)), 'query');
}

/** Each name once: two readers of a repeated one could disagree. */
function readQuery(text: string): Record<string, string> {
  if (text.length > maxQueryBytes) throw badQuery(`the query is over ${maxQueryBytes} bytes`);
  const found: Record<string, string> = Object.create(null);
  const pairs = text.split('&').filter((pair) => pair !== '');
  if (pairs.length > maxQueryFields) throw badQuery(`the query has over ${maxQueryFields} fields`);
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = decodeText(at < 0 ? pair : pair.slice(0, at));
    if (name === '__proto__' || Object.hasOwn(found, name)) {
      throw badQuery('a name stands twice in the query, or is __proto__');
    }
    found[name] = at < 0 ? '' : decodeText(pair.slice(at + 1));
  }
  return { ...found };
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw badQuery('the query is not percent-encoded UTF-8');
  }
}

function badQuery(reason: string): ServerError {
  return new ServerError('invalidInput', reason, { place: 'query' });
}

export function validateBody(contract: AnyContract, value: Json): unknown {
  return validate(contract.body, value, 'body');
}

function validate(
  schema: z.ZodType | undefined,
  value: unknown,
  place: string,
): Record<string, unknown> {
  if (schema === undefined) {
    const [extra] = Object.keys(value as object);
    if (extra === undefined) return {};
    throw new ServerError('invalidInput', `${place} takes no fields`, { place });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data as Record<string, unknown>;
  throw invalidInput(parsed.error, place);
}

const shownIssues = 3;
const shownCharacters = 120;

/** Names the field and the rule, never the value. */
function invalidInput(error: z.ZodError, place: string): ServerError {
  const named = error.issues.slice(0, shownIssues).map((issue) => {
    const field = clip([place, ...issue.path.map(String)].join('.'));
    return { field, text: `${field}: ${clip(issue.message)}` };
  });
  const more = error.issues.length - named.length;
  const texts = named.map(({ text }) => text).join('; ');
  return new ServerError('invalidInput', more > 0 ? `${texts}; and ${more} more` : texts, {
    place: named[0]?.field ?? place,
  });
}

function clip(text: string): string {
  const printable = text.replace(/[^\x20-\x7e]/g, '?');
  return printable.length > shownCharacters ? `${printable.slice(0, shownCharacters)}…` : printable;
}
