import { contractData, outputSensitivity } from '@backlot/data';
import type { FeatureValue, FeatureView, OnlineFeatures, PushedRow } from '@backlot/features';
import type * as z from 'zod';
import { ServerError } from '../error.ts';
import type { Services } from '../handlers/services.ts';
import { type Route, route } from '../route.ts';
import { feast } from './feast.ts';

type Served = Pick<Services, 'features' | 'pseudonymiser' | 'tables'>;
/** Keys as the rows hold them, from keys as Feast's clients know them. */
type StoredKeys = (view: FeatureView, keys: readonly FeatureValue[]) => Promise<FeatureValue[]>;

/** Feast's routes over the features of a workspace. Accounts become pseudonyms at the door. */
export function feastRoutes(services: Served): readonly Route[] {
  const stored = storedKeys(services);
  return [
    route(feast.getOnlineFeatures, ({ principal: { workspace }, body }) =>
      getOnlineFeatures(services.features(workspace), body, stored(workspace)),
    ),
    route(feast.push, ({ principal: { workspace }, body }) =>
      push(services.features(workspace), body.push_source_name, body.df, stored(workspace)),
    ),
    route(feast.write, ({ principal: { workspace }, body }) =>
      push(services.features(workspace), body.feature_view_name, body.df, stored(workspace)),
    ),
  ];
}

function storedKeys({ pseudonymiser, tables }: Served): (workspace: string) => StoredKeys {
  const contracts = tables.map(contractData);
  return (workspace) => async (view, keys) => {
    const { columns } = outputSensitivity({ node: view.from }, contracts);
    if (columns[view.entity.key] !== 'pseudonym') return [...keys];
    const pseudonym = await pseudonymiser(workspace);
    return keys.map((key) => (key === null ? null : pseudonym(String(key))));
  };
}

/** How many values one answer may hold. */
const mostValues = 200_000;

type Question = z.output<NonNullable<typeof feast.getOnlineFeatures.body>>;

/** Columns of values with a status for each; Feast's client takes one moment for a whole answer. */
async function getOnlineFeatures(
  online: OnlineFeatures,
  question: Question,
  stored: StoredKeys,
): Promise<string> {
  const wanted = wantedFeatures(online, question.features);
  const [first, ...others] = Object.entries(question.entities);
  if (!first || others.length > 0 || wanted.length === 0) {
    throw refused('one entity and at least one feature are asked for', 'body.entities');
  }
  const [entity, keys] = first;
  if (wanted.length * keys.length > mostValues) {
    throw refused(`${mostValues} values are answered at most`, 'body.features');
  }
  const views = [...new Set(wanted.map(({ view }) => view))];
  const other = views.find((view) => view.entity.key !== entity);
  if (other) throw refused(`view ${other.name} is of ${other.entity.key}`, 'body.entities');
  const known = await stored(views[0]!, keys);
  const { at, rows } = await online.read(views, known.map(String));
  const time = JSON.stringify(new Date(Math.floor(at / 1_000)).toISOString());
  const names = wanted.map(({ view, feature }) =>
    question.full_feature_names ? `${view.name}__${feature}` : feature,
  );
  const columns = wanted.map(({ feature }) =>
    column(
      rows.map((row) => (row as Readonly<Record<string, FeatureValue>>)[feature]!),
      time,
    ),
  );
  return (
    `{"metadata":{"feature_names":${JSON.stringify([entity, ...names])}},` +
    `"results":[${[column(keys, time), ...columns].join(',')}]}`
  );
}

function wantedFeatures(
  online: OnlineFeatures,
  references: readonly string[],
): readonly { readonly view: FeatureView; readonly feature: string }[] {
  return references.map((reference) => {
    const [name = '', feature = ''] = reference.split(':');
    const { view } = online.served(name);
    if (Object.hasOwn(view.features, feature)) return { view, feature };
    throw refused(`view ${view.name} has no such feature`, 'body.features');
  });
}

function column(values: readonly FeatureValue[], time: string): string {
  const texts = values.map(valueText);
  const statuses = values.map((value) => (value === null ? '"NULL_VALUE"' : '"PRESENT"'));
  const times = values.map(() => time);
  return `{"values":[${texts}],"statuses":[${statuses}],"event_timestamps":[${times}]}`;
}

/** Numbers that JSON lacks are written as protobuf's JSON writes them. */
function valueText(value: FeatureValue): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : `"${value}"`;
  return JSON.stringify(value);
}

type Frame = z.output<NonNullable<typeof feast.write.body>>['df'];

/** A frame's rows as events; its columns are those of the view's relation, or named by features. */
async function push(online: OnlineFeatures, name: string, frame: Frame, stored: StoredKeys) {
  const { view } = online.served(name);
  const columns = Object.entries(frame);
  const rows = columns[0]?.[1].length ?? 0;
  if (rows === 0 || columns.some(([, cells]) => cells.length !== rows)) {
    throw refused('the columns of df are lists of one length above 0', 'body.df');
  }
  const places = columns.map(([column]) => placeOf(view, column));
  const events = Array.from({ length: rows }, (_, row): PushedRow => {
    const entries = columns.flatMap(([, cells], at) =>
      places[at] === undefined ? [] : [[places[at], cells[row] as FeatureValue]],
    );
    const event = Object.fromEntries(entries) as Record<string, FeatureValue>;
    return named(view, { ...event, [view.at]: utc(event[view.at]) });
  });
  const { key } = view.entity;
  const keys = await stored(
    view,
    events.map((event) => event[key] ?? null),
  );
  return online.push(
    name,
    events.map((event, row) => ({ ...event, [key]: keys[row]! })),
  );
}

/** The column of the relation that a frame's column fills; Feast's own column `created` fills none. */
function placeOf(view: FeatureView, column: string): string | undefined {
  if (column === 'event_timestamp') return view.at;
  if (view.from.fields.some(({ name }) => name === column)) return column;
  const feature = Object.hasOwn(view.features, column) ? view.features[column] : undefined;
  return feature?.data.aggregate === 'latest' ? feature.data.column : undefined;
}

/** Feast writes times in UTC without saying so. */
function utc(time: FeatureValue | undefined): FeatureValue {
  if (typeof time !== 'string') return time ?? null;
  return /(?:Z|[+-]\d\d:?\d\d)$/.test(time) ? time : `${time.replace(' ', 'T')}Z`;
}

/**
 * Feast's rows have no names. Where only the newest counts, the row of a moment is one event whatever
 * it is called; where events are counted, each has to have its own name.
 */
function named(view: FeatureView, event: PushedRow): PushedRow {
  const counts = Object.values(view.features).some(({ data }) => data.aggregate !== 'latest');
  if (counts || event[view.event] !== undefined) return event;
  const isText = view.from.fields.find(({ name }) => name === view.event)?.type === 'text';
  return { ...event, [view.event]: isText ? 'feast' : 0 };
}

function refused(reason: string, place: string): ServerError {
  return new ServerError('invalidInput', reason, { place });
}
