import type { Json } from '@backlot/core';
import type { Dependence } from './column-lineage.ts';
import { BadLineageEvent } from './lineage-error.ts';
import { type LineageKind, type LineageName, nodeId, ownNamespace } from './lineage-node.ts';
import type { ColumnSource, ColumnSources, LineageDataset } from './put-lineage.ts';

/** What of an OpenLineage event is kept: names, columns and states, no texts and no values. */
export interface ParsedEvent {
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  readonly state?: string;
  readonly run?: string;
  readonly parent?: string;
  readonly job?: LineageName;
  readonly inputs: readonly LineageDataset[];
  readonly outputs: readonly LineageDataset[];
}

/**
 * What one event may hold. Two ids, or an id and a name, stand in one entry of an index: PostgreSQL
 * takes entries of up to 2,704 bytes.
 */
const most = { datasets: 2_000, columns: 5_000, sources: 50_000, text: 2_000, id: 1_200 } as const;

type Members = Readonly<Record<string, Json | undefined>>;

const states = new Set(['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER']);
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const uri = /^[a-z][a-z0-9+.-]*:\S+$/i;

/**
 * Reads an event of OpenLineage 2: of a run, a job or a data set. Facets that are not known are
 * passed over, as the specification asks; a data set that says by its symlinks that it is one of the
 * workspace's own tables is taken for that table.
 *
 * @throws BadLineageEvent naming the member that is wrong
 */
export function parseEvent(event: Json, workspace: string): ParsedEvent {
  const members = object(event, 'event');
  const at = time(members.eventTime, 'eventTime');
  for (const name of ['producer', 'schemaURL'] as const) {
    if (!uri.test(text(members[name], name))) throw new BadLineageEvent(name, 'it is no URI');
  }
  const names = new SourceReader(workspace);
  // By the standard, an event that names a run and a job is theirs, whatever else it holds.
  const ofDataset = members.run === undefined || members.job === undefined;
  if (members.dataset !== undefined && ofDataset) {
    return { at, inputs: [], outputs: [names.dataset(members.dataset, 'dataset')] };
  }
  const job = nameOf('job', object(members.job, 'job'), 'job');
  return {
    at,
    job,
    ...runOf(members),
    inputs: names.datasets(members.inputs, 'inputs'),
    outputs: names.datasets(members.outputs, 'outputs'),
  };
}

function runOf(members: Members): Pick<ParsedEvent, 'run' | 'parent' | 'state'> {
  if (members.run === undefined) return {};
  const run = object(members.run, 'run');
  const state = members.eventType === undefined ? 'OTHER' : text(members.eventType, 'eventType');
  if (!states.has(state)) throw new BadLineageEvent('eventType', 'it is none of the six');
  const facet = maybe(maybe(run.facets)?.parent);
  const parent = maybe(facet?.run)?.runId;
  return {
    run: id(run.runId, 'run.runId'),
    state,
    ...(parent !== undefined && { parent: id(parent, 'run.facets.parent.run.runId') }),
  };
}

/** Reads data sets and counts what they say, over the whole event. */
class SourceReader {
  readonly #workspace: string;
  #sources = 0;

  constructor(workspace: string) {
    this.#workspace = workspace;
  }

  datasets(value: Json | undefined, place: string): readonly LineageDataset[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value) || value.length > most.datasets) {
      throw new BadLineageEvent(place, `it is a list of at most ${most.datasets}`);
    }
    return value.map((each, at) => this.dataset(each, `${place}.${at}`));
  }

  dataset(value: Json, place: string): LineageDataset {
    const members = object(value, place);
    const named = nameOf('dataset', members, place);
    const facets = maybe(members.facets);
    const fields = fieldsOf(maybe(facets?.schema), `${place}.facets.schema`);
    const lineage = maybe(facets?.columnLineage);
    return {
      ...(ownName(facets, this.#workspace) ?? named),
      ...(fields && { fields }),
      ...(lineage && { sources: this.#sourcesOf(lineage, `${place}.facets.columnLineage`) }),
    };
  }

  #sourcesOf(facet: Members, place: string): ColumnSources {
    const fields = Object.entries(object(facet.fields ?? {}, `${place}.fields`));
    if (fields.length > most.columns) {
      throw new BadLineageEvent(place, `at most ${most.columns} columns are taken`);
    }
    const columns = fields.map(([name, field]) => {
      const here = `${place}.fields`;
      const { inputFields } = object(field ?? null, here);
      return [text(name, here), this.#inputFields(inputFields, `${here}.inputFields`)] as const;
    });
    return {
      columns: Object.fromEntries(columns),
      rows: this.#inputFields(facet.dataset ?? [], `${place}.dataset`),
    };
  }

  #inputFields(value: Json | undefined, place: string): readonly ColumnSource[] {
    if (!Array.isArray(value)) throw new BadLineageEvent(place, 'it is a list');
    return value.flatMap((each: Json) => {
      const members = object(each, place);
      const dataset = nodeId('dataset', nameOf('dataset', members, place));
      const column = text(members.field, `${place}.field`);
      const ways = Array.isArray(members.transformations) ? members.transformations : [{}];
      this.#sources += ways.length;
      if (this.#sources > most.sources) {
        throw new BadLineageEvent(place, `at most ${most.sources} sources are taken`);
      }
      return ways.map((way: Json) => ({ dataset, column, ...wayOf(object(way, place)) }));
    });
  }
}

function wayOf({ type, subtype, masking }: Members): Dependence & { readonly masking: boolean } {
  const direct = type !== 'INDIRECT';
  const kept = typeof subtype === 'string' && /^[A-Z_]{1,40}$/.test(subtype) ? subtype : undefined;
  return {
    type: direct ? 'DIRECT' : 'INDIRECT',
    subtype: kept ?? (direct ? 'TRANSFORMATION' : 'CONDITIONAL'),
    masking: masking === true,
  } as Dependence & { readonly masking: boolean };
}

/** The workspace's own table, when the data set says that it is one under another name. */
function ownName(facets: Members | undefined, workspace: string): LineageName | undefined {
  const identifiers = maybe(facets?.symlinks)?.identifiers;
  if (!Array.isArray(identifiers)) return undefined;
  for (const each of identifiers.slice(0, 20)) {
    const { namespace, name } = maybe(each) ?? {};
    if (namespace === ownNamespace(workspace) && typeof name === 'string') {
      return nameOf('dataset', { namespace, name }, 'symlinks');
    }
  }
  return undefined;
}

function fieldsOf(facet: Members | undefined, place: string): LineageDataset['fields'] | undefined {
  if (!Array.isArray(facet?.fields)) return undefined;
  if (facet.fields.length > most.columns) {
    throw new BadLineageEvent(place, `at most ${most.columns} columns are taken`);
  }
  return facet.fields.map((field: Json) => {
    const { name, type } = object(field, place);
    return {
      name: text(name, `${place}.name`),
      ...(typeof type === 'string' && { type: text(type, `${place}.type`) }),
    };
  });
}

function nameOf(kind: LineageKind, { namespace, name }: Members, place: string): LineageName {
  const found = {
    namespace: text(namespace, `${place}.namespace`),
    name: text(name, `${place}.name`),
  };
  if (nodeId(kind, found).length <= most.id) return found;
  throw new BadLineageEvent(place, `its names are over ${most.id} characters when escaped`);
}

function object(value: Json | undefined, place: string): Members {
  const found = maybe(value);
  if (found) return found;
  throw new BadLineageEvent(place, 'it is no object');
}

function maybe(value: Json | undefined): Members | undefined {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return plain ? (value as Members) : undefined;
}

function text(value: Json | undefined, place: string): string {
  if (typeof value !== 'string' || value === '') throw new BadLineageEvent(place, 'it is no text');
  if (value.length > most.text) {
    throw new BadLineageEvent(place, `it is over ${most.text} characters`);
  }
  if (value.includes('\0')) throw new BadLineageEvent(place, 'it has a NUL, which no text may');
  if (!value.isWellFormed()) throw new BadLineageEvent(place, 'it has half a character');
  return value;
}

function id(value: Json | undefined, place: string): string {
  const found = text(value, place);
  if (uuid.test(found)) return found.toLowerCase();
  throw new BadLineageEvent(place, 'it is no UUID');
}

function time(value: Json | undefined, place: string): number {
  const found = text(value, place);
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;
  const at = form.test(found) ? Date.parse(found.toUpperCase()) : Number.NaN;
  if (Number.isNaN(at) || at < 0) throw new BadLineageEvent(place, 'it is no time of RFC 3339');
  return at;
}
