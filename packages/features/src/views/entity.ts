import { isName } from '@backlot/core';
import { BadFeatureView } from '../feature-error.ts';

/** What features are of, such as an account: frozen plain data. */
export interface Entity<K extends string = string> {
  readonly kind: 'entity';
  readonly name: string;
  /** The column that names one, in the relations of its views and in labels. */
  readonly key: K;
}

/**
 * Declares an entity.
 *
 * @example
 * const account = entity('account', { key: 'account' });
 */
export function entity<const K extends string>(
  name: string,
  { key }: { readonly key: K },
): Entity<K> {
  if (!isName(name))
    throw new BadFeatureView('entity', 'an entity has a plain name, such as account');
  return Object.freeze({ kind: 'entity', name, key });
}
