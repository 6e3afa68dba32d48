import type { Clock, Digest } from '@backlot/core';
import {
  columnType,
  type DatasetTold,
  enqueueEvents,
  type LineageName,
  type Making,
  makingsOfRun,
  type OpenLineageEvent,
  type OutboxOptions,
  openLineageEvent,
  outboxLimit,
  outboxSize,
  ownNamespace,
  type RunState,
  type RunTold,
  readDelivery,
  sendOutbox,
  tableDetail,
} from '@backlot/data';
import type { Reader } from '@backlot/store';

export interface LineageExportOptions extends OutboxOptions {
  readonly clock: Clock;
  /** The version of this Backlot. */
  readonly version: string;
}

/** So many runs are told of in one pass; the others wait where they stand, in the runs' own rows. */
const runsInAPass = 50;

/**
 * Tells another server what runs and tasks do, by OpenLineage: what has happened since the last pass
 * is laid out in the outbox, then sent. Runs never wait for it: their own rows are what it reads.
 */
export async function exportLineage(
  options: LineageExportOptions,
): Promise<{ readonly told: number; readonly sent: number }> {
  const told = await tellRuns(options);
  let sent = 0;
  for (let last = -1; last !== 0 && !options.signal?.aborted; ) {
    last = await sendOutbox(options);
    sent += last;
  }
  return { told, sent };
}

interface RunRow {
  readonly id: string;
  readonly pipeline: string;
  readonly events: number;
  readonly told: number | null;
}

async function tellRuns(options: LineageExportOptions): Promise<number> {
  const { metadata, actor, clock } = options;
  const { workspace } = actor;
  if ((await outboxSize(metadata, workspace)) >= outboxLimit) return 0;
  const runs = await metadata.all<RunRow>(
    `SELECT r.id, r.pipeline, r.events, x.position AS told FROM pipeline_runs r
     LEFT JOIN lineage_exported x ON x.workspace = r.workspace AND x.run = r.id
     WHERE r.workspace = ? AND r.events > COALESCE(x.position, 0)
     ORDER BY r.created_at, r.id LIMIT ?`,
    ...[workspace, runsInAPass],
  );
  let told = 0;
  for (const run of runs) {
    const moves = await movesOf(metadata, workspace, run.id);
    const events = await eventsOf(options, run, moves);
    const position = moves.at(-1)?.position ?? 0;
    await metadata.write(async (tx) => {
      await tx.run(
        `INSERT INTO lineage_exported (workspace, run, position) VALUES (?, ?, ?)
         ON CONFLICT (workspace, run) DO UPDATE SET position = excluded.position`,
        ...[workspace, run.id, position],
      );
      await enqueueEvents(tx, actor, events, clock.now());
    });
    told += events.length;
  }
  return told;
}

interface Move {
  readonly position: number;
  readonly node: string | null;
  readonly attempt: number;
  readonly from_state: string;
  readonly to_state: string;
  readonly at: number;
}

function movesOf(reader: Reader, workspace: string, run: string): Promise<readonly Move[]> {
  return reader.all<Move>(
    `SELECT position, node, attempt, from_state, to_state, at FROM pipeline_events
     WHERE workspace = ? AND run = ? ORDER BY position`,
    ...[workspace, run],
  );
}

async function eventsOf(
  { metadata, actor, version }: LineageExportOptions,
  run: RunRow,
  moves: readonly Move[],
): Promise<readonly OpenLineageEvent[]> {
  const { workspace } = actor;
  const namespace = ownNamespace(workspace);
  const job: LineageName = { namespace, name: run.pipeline };
  const events: OpenLineageEvent[] = [];
  let begun = 0;
  for (const move of moves) {
    // A run that is resumed ends once more, which only another run may do.
    if (move.node === null && move.to_state === 'queued') begun++;
    if (move.position <= (run.told ?? 0)) continue;
    const parent = { run: `${namespace}/${run.id}/${begun}`, job };
    const base = { at: move.at, version };
    if (move.node === null) {
      const state = runStates[move.to_state];
      if (state) events.push(openLineageEvent({ ...base, ...parent, state, jobType: 'PIPELINE' }));
      continue;
    }
    const task = move.node.split(/[/#]/)[0];
    const told = {
      ...{ ...base, parent, jobType: 'TASK' },
      run: `${namespace}/${run.id}/${move.node}/${move.attempt}`,
      job: { namespace, name: `${run.pipeline}.${task}` },
    };
    for (const state of taskStates(move)) {
      const data =
        state === 'COMPLETE' ? await dataOf(metadata, workspace, run.id, move.node, told) : {};
      const error = state === 'FAIL' && (await codeOf(metadata, workspace, run.id, move.node));
      events.push(openLineageEvent({ ...told, ...data, state, ...(error && { error }) }));
    }
  }
  return events;
}

const runStates: Readonly<Record<string, RunState | undefined>> = {
  ...{ queued: 'START', running: 'RUNNING', succeeded: 'COMPLETE' },
  ...{ failed: 'FAIL', cancelled: 'ABORT' },
};

/** What an attempt's move is to others; what never began is not told. */
function taskStates({ from_state: from, to_state: to }: Move): readonly RunState[] {
  if (to === 'leased') return ['START'];
  if (to === 'running') return ['RUNNING'];
  // A result that is used again takes no time.
  if (to === 'succeeded') return from === 'queued' ? ['START', 'COMPLETE'] : ['COMPLETE'];
  if (from !== 'leased' && from !== 'running') return [];
  return to === 'cancelled' || to === 'skipped' ? ['ABORT'] : ['FAIL'];
}

/** The code alone: a reason may quote what a file holds. */
async function codeOf(
  reader: Reader,
  workspace: string,
  run: string,
  node: string,
): Promise<string | undefined> {
  const row = await reader.get<{ error: string | null }>(
    'SELECT error FROM pipeline_tasks WHERE workspace = ? AND run = ? AND node = ?',
    ...[workspace, run, node],
  );
  return row?.error ? String((JSON.parse(row.error) as { code: unknown }).code) : undefined;
}

type Data = Pick<RunTold, 'inputs' | 'outputs'>;

/** The snapshots that a task read, and those that it made. */
async function dataOf(
  reader: Reader,
  workspace: string,
  run: string,
  node: string,
  { job }: { readonly job: LineageName },
): Promise<Data> {
  const row = await reader.get<{ inputs: string | null }>(
    'SELECT inputs FROM pipeline_tasks WHERE workspace = ? AND run = ? AND node = ?',
    ...[workspace, run, node],
  );
  const refs = Object.values(JSON.parse(row?.inputs ?? '{}') as Record<string, InputRef>);
  const inputs: DatasetTold[] = [];
  for (const { kind, digest } of refs) {
    if (kind !== 'snapshot') continue;
    const found = await reader.get<{ table_id: string }>(
      'SELECT table_id FROM data_snapshots WHERE workspace = ? AND id = ?',
      ...[workspace, digest],
    );
    const namespace = ownNamespace(workspace);
    if (found) inputs.push({ namespace, name: found.table_id, snapshot: digest });
  }
  const outputs: DatasetTold[] = [];
  for (const making of await makingsOfRun(reader, workspace, run)) {
    if (making.job !== job.name) continue;
    inputs.push(...(await handedIn(reader, workspace, making)));
    outputs.push(await madeBy(reader, workspace, making));
  }
  return { inputs, outputs };
}

interface InputRef {
  readonly kind: string;
  readonly digest: Digest;
}

/** The provider's file as an input, with the rules that its rows broke. */
async function handedIn(
  reader: Reader,
  workspace: string,
  making: Making,
): Promise<readonly DatasetTold[]> {
  const found =
    making.delivery === undefined
      ? undefined
      : await readDelivery(reader, workspace, making.delivery);
  if (!found) return [];
  const { provider, rows, reasons } = found.receipt;
  return [
    {
      ...{ namespace: `provider://${provider}`, name: making.table },
      quality: { rows, columns: {} },
      assertions: reasons.map(({ rule, column }) => ({ rule, column, kept: false })),
    },
  ];
}

async function madeBy(reader: Reader, workspace: string, making: Making): Promise<DatasetTold> {
  const { contract } = await tableDetail(reader, workspace, making.table);
  const row = await reader.get<{ row_count: number; byte_count: number }>(
    'SELECT row_count, byte_count FROM data_snapshots WHERE workspace = ? AND id = ?',
    ...[workspace, making.snapshot],
  );
  const provided = making.kind === 'delivery' ? await handedIn(reader, workspace, making) : [];
  const { namespace } = provided[0] ?? { namespace: ownNamespace(workspace) };
  return {
    ...{ namespace: ownNamespace(workspace), name: making.table, snapshot: making.snapshot },
    fields: contract.columns.map((column) => ({ name: column.name, type: columnType(column) })),
    lineage: { columns: making.columns, nameOf: (name) => ({ namespace, name }) },
    ...(row && { statistics: { rows: row.row_count, bytes: row.byte_count } }),
  };
}
