import type { Purpose } from '@backlot/access';
import { type Digest, digestOf, isName } from '@backlot/core';
import type { Duration, Field, NamedField, Relation, RelationNode, Shape } from '@backlot/data';
import { aggregateOf } from '../aggregates/aggregates.ts';
import { durationMicros } from '../duration.ts';
import { BadFeatureView } from '../feature-error.ts';
import type { Entity } from './entity.ts';
import type { FeatureBuilder, FeatureData, Features, ValueOf } from './feature.ts';
import { featureBuilder } from './feature-builder.ts';

type Of<S extends Shape, V> = {
  [K in keyof S]: S[K]['type'] extends V ? K : never;
}[keyof S] &
  string;

export interface FeatureViewOptions<S extends Shape, P extends Purpose, F extends Features> {
  /** Its key is a column of the relation. */
  readonly entity: Entity<Of<S, 'text' | 'int'>>;
  readonly from: Relation<S, P>;
  /** When an event happened: the time that point-in-time joins and windows go by. */
  readonly at: Of<S, 'timestamp'>;
  /** What names an event: it orders events of one time, and a second push of it changes nothing. */
  readonly event: Of<S, 'text' | 'int'>;
  readonly features: (of: FeatureBuilder<S>) => F;
  /** After which the latest values are missing; absent: never. */
  readonly ttl?: Duration;
}

/** Features of an entity computed from the events of a relation: frozen plain data. */
export interface FeatureView<
  N extends string = string,
  K extends string = string,
  F extends Features = Features,
  P extends Purpose = Purpose,
> {
  readonly kind: 'featureView';
  readonly name: N;
  readonly entity: Entity<K>;
  readonly from: RelationNode;
  readonly at: string;
  readonly event: string;
  readonly features: F;
  readonly ttl?: Duration;
  /** What its values may be used for: what the relation allows. */
  readonly purposes: readonly P[];
  /** Names this version: of the definition and of the relation it is over. */
  readonly digest: Digest;
}

/** The values of a view's features by name, as TypeScript sees them. */
export type FeaturesOf<V> =
  V extends FeatureView<string, string, infer F>
    ? { readonly [K in keyof F]: ValueOf<F[K]> }
    : never;

/**
 * Declares a feature view.
 *
 * A window of `W` with tiles of `h` ends at the very moment that is asked about, that moment included,
 * and begins at the start of the tile in which the moment less `W` lies: between `W` and `W + h` long.
 * The rule is the same in a training set and in what is served, and so are the values.
 *
 * @example
 * const listening = featureView('listening', {
 *   entity: entity('account', { key: 'account' }),
 *   from: relation(plays), at: 'playedAt', event: 'play',
 *   features: (of) => ({
 *     plays7d: of.count({ window: { days: 7 } }),
 *     listened7d: of.sum('msPlayed', { window: { days: 7 } }),
 *     lastItem: of.latest('item'),
 *   }),
 *   ttl: { days: 30 },
 * });
 */
export function featureView<
  const N extends string,
  S extends Shape,
  P extends Purpose,
  F extends Features,
  K extends Of<S, 'text' | 'int'>,
>(
  name: N,
  options: FeatureViewOptions<S, P, F> & { readonly entity: Entity<K> },
): FeatureView<N, K, F, P> {
  const { entity, from, at, event, ttl } = options;
  if (!isName(name))
    throw new BadFeatureView('features', 'a view has a plain name, such as listening');
  for (const [column, types] of [
    [entity.key, ['text', 'int']],
    [at, ['timestamp']],
    [event, ['text', 'int']],
  ] as const) {
    checkColumn(name, from.node.fields, column, types);
  }
  if (ttl) durationMicros(name, ttl);
  const features = Object.freeze(options.features(featureBuilder<S>(name, from.node.fields)));
  checkNames(name, Object.keys(features));
  const data = Object.fromEntries(Object.entries(features).map(([key, one]) => [key, one.data]));
  const digest = digestOf({
    ...{ kind: 'featureView', entity: { ...entity }, at, event, features: data },
    ...(ttl && { ttl: durationMicros(name, ttl) }),
    from: from.node,
  } as never);
  return Object.freeze({
    ...{ kind: 'featureView', name, entity, from: from.node, at, event, features },
    ...(ttl && { ttl: Object.freeze({ ...ttl }) }),
    purposes: from.node.purposes as readonly P[],
    digest,
  });
}

function checkColumn(
  view: string,
  fields: readonly NamedField[],
  column: string,
  types: readonly string[],
): void {
  const type = fields.find(({ name }) => name === column)?.type;
  if (type !== undefined && types.includes(type)) return;
  throw new BadFeatureView(
    view,
    `a column of type ${types.join(' or ')} is named, the relation has ` +
      `${type === undefined ? 'none of that name' : `${type} there`}`,
  );
}

function checkNames(view: string, names: readonly string[]): void {
  if (names.length === 0) throw new BadFeatureView(view, 'a view has at least one feature');
  const bad = names.find((name) => !/^[a-z][A-Za-z0-9]{0,62}$/.test(name));
  if (bad !== undefined) {
    throw new BadFeatureView(
      view,
      'a feature is named in camelCase, at most 63 letters and digits',
    );
  }
}

/** A view's features as plain data, in order. */
export function featureList(
  view: FeatureView,
): readonly (FeatureData & { readonly name: string })[] {
  return Object.entries(view.features).map(([name, { data }]) => ({ name, ...data }));
}

/** A view's features as plain data, with how far estimates may be from the truth. */
export function featureDescriptions(
  view: FeatureView,
): readonly (FeatureData & { readonly name: string; readonly error?: string })[] {
  return featureList(view).map((feature) => {
    const error = feature.aggregate === 'latest' ? undefined : aggregateOf(feature).error;
    return { ...feature, ...(error !== undefined && { error }) };
  });
}

/** The columns that features read, each once, in the order of first use. */
export function inputColumns(view: FeatureView): readonly string[] {
  return [...new Set(featureList(view).flatMap(({ column }) => (column ? [column] : [])))];
}

/** The tables that a view reads, each once. */
export function tablesOf(node: RelationNode): readonly string[] {
  if (node.kind === 'source') return [node.table];
  const inputs = Object.values(node)
    .flatMap((part) => [part].flat())
    .filter(isNode);
  return [...new Set(inputs.flatMap(tablesOf))].sort();
}

function isNode(part: unknown): part is RelationNode {
  return typeof part === 'object' && part !== null && 'fields' in part && 'purposes' in part;
}

/** What a model writes into its signature: the version of each view it was fitted with. */
export function featurePins(views: readonly FeatureView[]): Readonly<Record<string, Digest>> {
  return Object.freeze(Object.fromEntries(views.map(({ name, digest }) => [name, digest])));
}

/** The shape that features give to a relation. */
export type FeatureShape<F extends Features> = {
  readonly [K in keyof F]: F[K] extends { readonly types?: { type: infer V; nullable: boolean } }
    ? Field<Extract<V, Field['type']>, true>
    : never;
};
