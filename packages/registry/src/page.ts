import { BadRegistration } from './error.ts';

/** One page of a list, and the cursor of the next one when there is more. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

export interface PageRequest {
  /** 1 to 200; 50 when absent. */
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

const maxLimit = 200;

/** The place a cursor stands for: a moment and an identifier, newest first. */
interface PagePlace {
  readonly at: number;
  readonly id: string;
}

/** The first place of all: later than any moment that a row can hold. */
const newest: PagePlace = { at: Number.MAX_SAFE_INTEGER, id: '' };

/** Reads a request's limit and cursor, refusing anything we did not hand out. */
export function readPageRequest({ limit = 50, cursor }: PageRequest): {
  readonly limit: number;
  readonly after: PagePlace;
} {
  if (!Number.isInteger(limit) || limit < 1 || limit > maxLimit) {
    throw new BadRegistration(`a page holds 1 to ${maxLimit} items, ${limit} was asked`);
  }
  return { limit, after: cursor === undefined ? newest : readCursor(cursor) };
}

function readCursor(cursor: string): PagePlace {
  const match = /^(\d{1,16})~([\w.:@-]{1,200})$/.exec(cursor);
  if (!match) throw new BadRegistration('the cursor is not one that a page of ours gave');
  return { at: Number(match[1]), id: match[2]! };
}

/** A page from one row more than it shows, which tells whether there is a next one. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  place: (row: T) => PagePlace,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  if (rows.length <= limit || last === undefined) return { items };
  const { at, id } = place(last);
  return { items, next: `${at}~${id}` };
}
