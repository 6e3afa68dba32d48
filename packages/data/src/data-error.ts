import { BacklotError } from '@backlot/core';

/** A contract that cannot be meant as it is written. */
export class BadContract extends BacklotError {
  constructor(place: string, reason: string, mend?: string) {
    super({
      code: 'E-DATA-001',
      kind: 'usage',
      reason,
      place,
      ...(mend !== undefined && { mend }),
    });
  }
}

/** A manifest, receipt or contract read from an object does not have the form it must have. */
export class BadDocument extends BacklotError {
  constructor(what: string, place: string, reason: string) {
    super({
      code: 'E-DATA-002',
      kind: 'failed',
      reason: `the ${what} is malformed: ${reason}`,
      place,
    });
  }
}

/** The snapshot that a publication builds on is no longer the current one. */
export class SnapshotConflict extends BacklotError {
  constructor(table: string, expected: string | undefined, found: string | undefined) {
    super({
      code: 'E-DATA-004',
      kind: 'conflict',
      reason:
        `table ${table} stands at ${found ?? 'no snapshot'}, ` +
        `this publication builds on ${expected ?? 'no snapshot'}`,
      place: `table/${table}`,
      mend: 'deliver again on top of the current snapshot',
    });
  }
}

/** Rows can be appended only under the contract that the earlier rows were checked against. */
export class ContractChanged extends BacklotError {
  constructor(table: string) {
    super({
      code: 'E-DATA-005',
      kind: 'conflict',
      reason: `the contract of ${table} differs from that of the snapshot to append to`,
      place: `table/${table}`,
      mend: "deliver the whole table again with mode 'replace'",
    });
  }
}

/** The source's bytes changed between the pass that named them and the pass that read them. */
export class SourceChanged extends BacklotError {
  constructor() {
    super({
      code: 'E-DATA-006',
      kind: 'conflict',
      reason: 'the source changed while it was being read',
      mend: 'deliver again once the file is complete',
    });
  }
}

/** A relation that has no meaning, or none that is the same on every engine. */
export class BadRelation extends BacklotError {
  constructor(reason: string, mend?: string) {
    super({ code: 'E-DATA-007', kind: 'usage', reason, ...(mend !== undefined && { mend }) });
  }
}

/** An engine cannot do what a relation asks; said when the relation is compiled for it. */
export class RelationUnsupported extends BacklotError {
  constructor(engine: 'duckdb' | 'spark', node: string, reason: string) {
    super({
      code: 'E-DATA-015',
      kind: 'usage',
      reason: `${engine === 'spark' ? 'Spark' : 'DuckDB'} cannot do ${node}: ${reason}`,
      place: `${engine}/${node}`,
      mend: 'run the relation on the other engine, or write that step otherwise',
    });
  }
}

/** The engine could not do what it was asked; its text stays in `cause`, for it may quote data. */
export class EngineFailed extends BacklotError {
  /** What it was doing, as it completes "DuckDB failed to". */
  readonly during: string;

  constructor(what: string, cause: unknown) {
    super({ code: 'E-DATA-008', kind: 'failed', reason: `DuckDB failed to ${what}`, cause });
    this.during = what;
  }
}

/** No table of that name is in the workspace. */
export class TableMissing extends BacklotError {
  constructor(table: string) {
    super({
      code: 'E-DATA-009',
      kind: 'notFound',
      reason: `there is no table ${table} here`,
      place: `table/${table}`,
      mend: 'backlot deliver TABLE FILE',
    });
  }
}

/** More rows or values than the caller allows to hold in memory. */
export class ResultTooLarge extends BacklotError {
  constructor(limitRows: number) {
    super({
      code: 'E-DATA-010',
      kind: 'usage',
      reason: `the relation answers more than the ${limitRows} rows that are allowed in memory`,
      mend: 'filter or aggregate it, write it to a file, or raise the limit',
    });
  }
}

/** A whole number that came back beyond what a double holds exactly. */
export class NumberInexact extends BacklotError {
  constructor(column: string) {
    super({
      code: 'E-DATA-014',
      kind: 'failed',
      reason: `column ${column} holds a whole number beyond 2^53, which an int cannot be`,
      place: column,
      mend: 'convert it with toFloat, or make its column int64',
    });
  }
}

/** A text of SQL that is not answered here. */
export class BadQuery extends BacklotError {
  constructor(reason: string, cause?: unknown) {
    super({
      ...{ code: 'E-DATA-032', kind: 'usage', reason: `the query is refused: ${reason}`, cause },
      mend: 'write one SELECT over tables that backlot data ls lists',
    });
  }
}
