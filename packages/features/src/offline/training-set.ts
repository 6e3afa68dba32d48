import type { Purpose } from '@backlot/access';
import {
  type ColumnResult,
  Relation,
  type RelationNode,
  type RunOptions,
  type Shape,
} from '@backlot/data';
import type { FeatureValue } from '../aggregates/aggregate.ts';
import { BadFeatureView } from '../feature-error.ts';
import { type FeatureShape, type FeatureView, featureList } from '../views/feature-view.ts';
import { type ViewEvent, ViewProgram } from '../views/view-state.ts';
import { cells, type OfflineEngine, readEvents, type ViewEvents } from './view-events.ts';

type ColumnOf<S extends Shape, V> = {
  [K in keyof S]: S[K]['type'] extends V ? K : never;
}[keyof S] &
  string;

export interface TrainingOptions<S extends Shape> {
  /** The moment as of which each label's features are taken. */
  readonly at: ColumnOf<S, 'timestamp'>;
  /** Only events before that moment; otherwise those of the very moment count as well. */
  readonly strict?: boolean;
}

type AnyView = FeatureView;
type Added<V extends readonly AnyView[]> = V extends readonly [
  FeatureView<string, string, infer F>,
  ...infer R extends readonly AnyView[],
]
  ? FeatureShape<F> & Added<R>
  : unknown;
type Allowed<P extends Purpose, V extends readonly AnyView[]> = V extends readonly [
  FeatureView<string, string, infer _F, infer Q>,
  ...infer R extends readonly AnyView[],
]
  ? Extract<Allowed<P, R>, Q>
  : P;
/** Views whose entity's key is a column of the labels. */
type Keyed<S extends Shape> = readonly FeatureView<string, ColumnOf<S, 'text' | 'int'>>[];

/**
 * The labels with the features of each as they were at its moment, as a relation for either engine:
 * no label is lost, and nothing after its moment is seen. For views of latest values; windows are
 * computed by `buildTrainingSet`.
 *
 * @throws BadFeatureView where a feature has a window, or two features have one name
 */
export function trainingSet<S extends Shape, P extends Purpose, const V extends Keyed<S>>(
  labels: Relation<S, P>,
  views: V,
  { at, strict = false }: TrainingOptions<S>,
): Relation<S & Added<V>, Allowed<P, V>> {
  checkFeatureNames(labels.node, views);
  let joined = labels as unknown as Relation<Shape>;
  for (const view of views) {
    const features = featureList(view);
    const windowed = features.find(({ aggregate }) => aggregate !== 'latest');
    if (windowed) {
      throw new BadFeatureView(view.name, `${windowed.name} has a window: use buildTrainingSet`);
    }
    // Under names that no label has: what orders events is not part of the training set.
    const events = new Relation<Shape>(view.from).select((row) => ({
      backlotKey: row[view.entity.key]!,
      backlotAt: row[view.at]!,
      backlotEvent: row[view.event]!,
      ...Object.fromEntries(features.map(({ name, column }) => [name, row[column!]!])),
    }));
    const before = joined.node.fields.map(({ name }) => name);
    joined = joined
      .pointInTime(
        events as Relation<Shape>,
        {
          on: [[view.entity.key, 'backlotKey']] as never,
          ...{ at, asOf: 'backlotAt', tie: ['backlotEvent'], strict },
          ...(view.ttl && { within: view.ttl }),
        } as never,
      )
      .select([...before, ...features.map(({ name }) => name)]) as Relation<Shape>;
  }
  return joined as unknown as Relation<S & Added<V>, Allowed<P, V>>;
}

/** The rows of a training set: the labels' columns as they are, and one list for each feature. */
export interface TrainingColumns {
  readonly rows: number;
  readonly labels: Readonly<Record<string, ColumnResult>>;
  readonly features: Readonly<Record<string, readonly FeatureValue[]>>;
}

/**
 * Computes a training set of any features by the very steps that serve them, so that a label's value
 * is what would have been served at its moment. The engine reads and sorts; memory holds one view's
 * events and all labels.
 */
export async function buildTrainingSet<
  S extends Shape,
  P extends Purpose,
  const V extends Keyed<S>,
>(
  engine: OfflineEngine,
  labels: Relation<S, P>,
  views: V,
  options: TrainingOptions<S> & RunOptions<NoInfer<Allowed<P, V>>>,
): Promise<TrainingColumns> {
  checkFeatureNames(labels.node, views);
  const { at, strict = false, ...run } = options;
  const found = await engine.columns(labels as unknown as Relation<Shape>, run);
  const times = cells(found.columns[at]!);
  const features: Record<string, readonly FeatureValue[]> = {};
  for (const view of views) {
    const program = new ViewProgram(view);
    const events = await readEvents(engine, program, run);
    const keys = cells(found.columns[view.entity.key]!);
    const rows = sweepLabels(program, events, { rows: found.rows, keys, times, strict });
    Object.keys(view.features).forEach((name, index) => {
      features[name] = rows.map((values) => values[index]!);
    });
  }
  return { rows: found.rows, labels: found.columns, features };
}

interface LabelColumns {
  readonly rows: number;
  readonly keys: (row: number) => FeatureValue;
  readonly times: (row: number) => FeatureValue;
  readonly strict: boolean;
}

/** Goes through each key's labels and events side by side in the order of time. */
function sweepLabels(
  program: ViewProgram,
  events: ViewEvents,
  { rows, keys, times, strict }: LabelColumns,
): readonly (readonly FeatureValue[])[] {
  const nothing = program.read(program.empty(), 0).values;
  const answers = new Array<readonly FeatureValue[]>(rows).fill(nothing);
  const byKey = new Map<string, number[]>();
  for (let row = 0; row < rows; row++) {
    const key = keys(row);
    if (key === null || times(row) === null) continue;
    const held = byKey.get(String(key));
    if (held) held.push(row);
    else byKey.set(String(key), [row]);
  }
  for (const [key, labels] of byKey) {
    const moments = labels.map((row) => times(row) as number);
    const order = labels.map((_, index) => index).sort((a, b) => moments[a]! - moments[b]!);
    const read = sweepKey(program, events.of(key), { moments, order, strict });
    labels.forEach((row, index) => {
      answers[row] = read[index]!;
    });
  }
  return answers;
}

/** The values at each moment, given the moments' ascending order. */
export function sweepKey(
  program: ViewProgram,
  events: readonly ViewEvent[],
  {
    moments,
    order,
    strict,
  }: {
    readonly moments: readonly number[];
    readonly order: readonly number[];
    readonly strict: boolean;
  },
): readonly (readonly FeatureValue[])[] {
  const read = new Array<readonly FeatureValue[]>(moments.length);
  const state = program.empty();
  let next = 0;
  for (const index of order) {
    const moment = moments[index]!;
    let end = next;
    while (end < events.length && events[end]!.at < moment) end++;
    program.absorb(state, events.slice(next, end), moment);
    next = end;
    if (!strict) {
      while (end < events.length && events[end]!.at === moment) program.push(state, events[end++]!);
    }
    read[index] = program.read(state, moment).values;
  }
  return read;
}

function checkFeatureNames(labels: RelationNode, views: readonly AnyView[]): void {
  const seen = new Set(labels.fields.map(({ name }) => name.toLowerCase()));
  for (const { name: view, features } of views) {
    for (const name of Object.keys(features)) {
      if (seen.has(name.toLowerCase())) {
        throw new BadFeatureView(view, `the training set would have two columns called ${name}`);
      }
      seen.add(name.toLowerCase());
    }
  }
}
