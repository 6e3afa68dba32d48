import { assert } from '@backlot/core';
import type { ColumnResult } from '@backlot/data';
import type { TimedPairs } from '@backlot/tasks';

/** The columns of a relation as pairs of a user and an item with their first time. */
export function timedPairs(
  { columns }: { readonly columns: Readonly<Record<string, ColumnResult>> },
  names: { readonly user: string; readonly item: string; readonly time: string },
): TimedPairs {
  const [user, item, time] = [columns[names.user], columns[names.item], columns[names.time]];
  assert(user?.kind === 'codes' && item?.kind === 'codes', 'users and items come as codes');
  assert(time?.kind === 'float64', 'times come as numbers');
  return {
    ...{ users: user.values, items: item.values, times: time.data },
    ...{ userCodes: user.codes, itemCodes: item.codes },
  };
}
