import type { NamedField, Shape } from '@backlot/data';
import { type AggregateName, aggregateOf } from '../aggregates/aggregates.ts';
import { durationMicros } from '../duration.ts';
import { BadFeatureView } from '../feature-error.ts';
import type { Feature, FeatureBuilder, FeatureData, Window } from './feature.ts';

/** Makes features over the fields of a view's relation, and refuses what they cannot be. */
export function featureBuilder<S extends Shape>(
  view: string,
  fields: readonly NamedField[],
): FeatureBuilder<S> {
  const typeOf = (column: string) => {
    const found = fields.find(({ name }) => name === column);
    if (!found) throw new BadFeatureView(view, 'a feature is made of a column that is not there');
    return found.type;
  };
  const windowed = (
    aggregate: AggregateName,
    column: string | undefined,
    given: Window & { readonly k?: number; readonly quantile?: number },
  ): Feature => {
    const { window: length, tile: part, ...more } = given;
    const window = durationMicros(view, length);
    const tile = part ? durationMicros(view, part) : usualTile(window);
    checkTiles(view, window, tile);
    const settings = { aggregate, ...(column !== undefined && { column }), ...more } as const;
    const { takes, typeOf: resultOf } = aggregateOf({ ...settings, type: 'int' });
    const type = column === undefined ? undefined : typeOf(column);
    if (type !== undefined && takes && !takes(type)) {
      throw new BadFeatureView(view, `${aggregate} does not take a column of type ${type}`);
    }
    return made({ ...settings, type: resultOf(type), window, tile });
  };
  const of = (aggregate: AggregateName) => (column: string, window: Window) =>
    windowed(aggregate, column, window);
  const builder = {
    latest: (column: string) => made({ aggregate: 'latest', column, type: typeOf(column) }),
    count: (first: string | Window, second?: Window) =>
      typeof first === 'string'
        ? windowed('count', first, second!)
        : windowed('count', undefined, first),
    ...{ sum: of('sum'), mean: of('mean'), min: of('min'), max: of('max') },
    distinct: of('distinct'),
    last: (column: string, options: Window & { k: number }) => {
      if (!Number.isInteger(options.k) || options.k < 1 || options.k > 1_000) {
        throw new BadFeatureView(
          view,
          `k is ${options.k}, a whole number from 1 to 1000 is allowed`,
        );
      }
      return windowed('last', column, options);
    },
    quantile: (column: string, { at, ...window }: Window & { at: number }) => {
      if (!(at >= 0 && at <= 1)) throw new BadFeatureView(view, 'a quantile is from 0 to 1');
      return windowed('quantile', column, { ...window, quantile: at });
    },
  };
  return builder as unknown as FeatureBuilder<S>;
}

function made(data: FeatureData): Feature {
  return Object.freeze({ data: Object.freeze(data) });
}

const [minute, hour, day] = [60_000_000, 3_600_000_000, 86_400_000_000];

/** As fine as keeps the tiles of a window to a few hundred. */
function usualTile(window: number): number {
  if (window >= 12 * day && window % day === 0) return day;
  return window >= 12 * hour && window % hour === 0 ? hour : Math.min(window, 5 * minute);
}

/** Windows are made of whole tiles. */
function checkTiles(view: string, window: number, tile: number): void {
  if (window % tile === 0 && window / tile <= 4_096) return;
  throw new BadFeatureView(
    view,
    `a window is 1 to 4096 whole tiles; given were a window of ${window} and a tile of ${tile} microseconds`,
  );
}
