import { digestHex, digestOfBytes } from '@backlot/core';
import type { ColumnLineage, SourceColumn } from './column-lineage.ts';
import type { LineageName } from './lineage-node.ts';

const spec = 'https://openlineage.io/spec';

/** An event of a run, as OpenLineage 2 has it. */
export interface OpenLineageEvent {
  readonly eventType: RunState;
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly run: { readonly runId: string; readonly facets: Facets };
  readonly job: LineageName & { readonly facets: Facets };
  readonly inputs: readonly EventDataset[];
  readonly outputs: readonly EventDataset[];
}

export type RunState = 'START' | 'RUNNING' | 'COMPLETE' | 'FAIL' | 'ABORT';
type Facet = Readonly<Record<string, unknown>>;
type Facets = Readonly<Record<string, Facet>>;

interface EventDataset extends LineageName {
  readonly facets: Facets;
  readonly inputFacets?: Facets;
  readonly outputFacets?: Facets;
}

/** A run or one attempt of a task, with what it read and wrote. */
export interface RunTold {
  readonly state: RunState;
  /** Milliseconds since 1970, UTC. */
  readonly at: number;
  /** What tells this run from all others, such as `run/7f3a91c/evaluate/2`. */
  readonly run: string;
  readonly job: LineageName;
  /** What the job is: `PIPELINE` or `TASK`. */
  readonly jobType: string;
  readonly parent?: { readonly run: string; readonly job: LineageName };
  readonly inputs?: readonly DatasetTold[];
  readonly outputs?: readonly DatasetTold[];
  /** The error's code and kind, never its values. */
  readonly error?: string;
  /** The version of this Backlot. */
  readonly version: string;
}

export interface DatasetTold extends LineageName {
  readonly fields?: readonly { readonly name: string; readonly type: string }[];
  /** The digest of the snapshot. */
  readonly snapshot?: string;
  /** Where the columns come from; tables are named in the namespace of `lineageOf`. */
  readonly lineage?: { readonly columns: ColumnLineage; readonly nameOf: NameOf };
  readonly statistics?: {
    readonly rows: number;
    readonly bytes?: number;
    readonly files?: number;
  };
  /** Counts of an input's columns: what is there, never what it is. */
  readonly quality?: {
    readonly rows: number;
    readonly columns: Readonly<
      Record<string, { readonly nulls: number; readonly distinct?: number }>
    >;
  };
  /** Rules that the rows of an input kept or broke. */
  readonly assertions?: readonly {
    readonly rule: string;
    readonly column?: string;
    readonly kept: boolean;
  }[];
}

type NameOf = (table: string) => LineageName;

/**
 * An event of OpenLineage 2 (specification 2-0-2) with its facets.
 *
 * @example
 * openLineageEvent({ state: 'START', at: 0, run: 'run/7f', job, jobType: 'PIPELINE', version: '1.0.0' });
 */
export function openLineageEvent(told: RunTold): OpenLineageEvent {
  const facet = facetsBy(`urn:backlot:${told.version}`);
  const { job, parent, error } = told;
  return {
    ...{ eventType: told.state, eventTime: new Date(told.at).toISOString() },
    producer: `urn:backlot:${told.version}`,
    schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
    run: {
      runId: runUuid(told.run),
      facets: {
        processing_engine: facet('1-1-1/ProcessingEngineRunFacet', {
          ...{ name: 'Backlot', version: told.version },
        }),
        ...(parent && {
          parent: facet('1-2-0/ParentRunFacet', {
            ...{ run: { runId: runUuid(parent.run) }, job: { ...parent.job } },
          }),
        }),
        ...(error !== undefined && {
          errorMessage: facet('1-0-1/ErrorMessageRunFacet', {
            ...{ message: error, programmingLanguage: 'TypeScript' },
          }),
        }),
      },
    },
    job: {
      ...job,
      facets: {
        jobType: facet('2-0-4/JobTypeJobFacet', {
          ...{ processingType: 'BATCH', integration: 'BACKLOT', jobType: told.jobType },
        }),
      },
    },
    inputs: (told.inputs ?? []).map((each) => inputOf(each, facet)),
    outputs: (told.outputs ?? []).map((each) => outputOf(each, facet)),
  };
}

/**
 * The UUID that stands for a run outside: of version 8, made of a digest, so that each telling of a
 * run gives the same.
 */
export function runUuid(run: string): string {
  const hex = digestHex(digestOfBytes(run));
  const variant = (8 + (Number.parseInt(hex[16]!, 16) % 4)).toString(16);
  return [
    ...[hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`],
    ...[`${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)],
  ].join('-');
}

type MakeFacet = (schema: string, members: Facet) => Facet;

function facetsBy(producer: string): MakeFacet {
  return (schema, members) => {
    const name = schema.slice(schema.indexOf('/') + 1);
    const url = `${spec}/facets/${schema}.json#/$defs/${name}`;
    return { _producer: producer, _schemaURL: url, ...members };
  };
}

function inputOf(told: DatasetTold, facet: MakeFacet): EventDataset {
  const { quality, assertions } = told;
  return {
    ...datasetOf(told, facet),
    inputFacets: {
      ...(quality && {
        dataQualityMetrics: facet('1-0-3/DataQualityMetricsInputDatasetFacet', {
          rowCount: quality.rows,
          columnMetrics: Object.fromEntries(
            Object.entries(quality.columns).map(([name, { nulls, distinct }]) => [
              name,
              { nullCount: nulls, ...(distinct !== undefined && { distinctCount: distinct }) },
            ]),
          ),
        }),
      }),
      ...(assertions && {
        dataQualityAssertions: facet('1-1-0/DataQualityAssertionsDatasetFacet', {
          assertions: assertions.map(({ rule, column, kept }) => ({
            ...{ assertion: rule, success: kept },
            ...(column && { column }),
          })),
        }),
      }),
    },
  };
}

function outputOf(told: DatasetTold, facet: MakeFacet): EventDataset {
  const { statistics } = told;
  if (!statistics) return { ...datasetOf(told, facet), outputFacets: {} };
  const { rows, bytes, files } = statistics;
  return {
    ...datasetOf(told, facet),
    outputFacets: {
      outputStatistics: facet('1-0-2/OutputStatisticsOutputDatasetFacet', {
        rowCount: rows,
        ...(bytes !== undefined && { size: bytes }),
        ...(files !== undefined && { fileCount: files }),
      }),
    },
  };
}

function datasetOf(told: DatasetTold, facet: MakeFacet): EventDataset {
  const { namespace, name, fields, snapshot, lineage } = told;
  return {
    ...{ namespace, name },
    facets: {
      ...(fields && {
        schema: facet('1-2-0/SchemaDatasetFacet', { fields: fields.map((each) => ({ ...each })) }),
      }),
      ...(snapshot !== undefined && {
        version: facet('1-0-1/DatasetVersionDatasetFacet', { datasetVersion: snapshot }),
      }),
      ...(lineage && {
        columnLineage: facet('1-2-0/ColumnLineageDatasetFacet', fieldsOf(lineage)),
      }),
    },
  };
}

function fieldsOf({ columns, nameOf }: NonNullable<DatasetTold['lineage']>): Facet {
  return {
    fields: Object.fromEntries(
      Object.entries(columns.columns).map(([name, sources]) => [
        name,
        { inputFields: inputFields(sources, nameOf) },
      ]),
    ),
    dataset: inputFields(columns.rows, nameOf),
  };
}

/** One entry a source column, with all ways in which it is used. */
function inputFields(sources: readonly SourceColumn[], nameOf: NameOf): readonly Facet[] {
  const groups = Map.groupBy(sources, ({ table, column }) => `${table}\0${column}`);
  return [...groups.values()].map((ways) => ({
    ...nameOf(ways[0]!.table),
    field: ways[0]!.column,
    transformations: ways.map(({ type, subtype, masking }) => ({ type, subtype, masking })),
  }));
}
