import { basename, resolve } from 'node:path';
import { BacklotError, exitCodes } from '@backlot/core';
import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { BadOption } from './bad-option.ts';
import { connected } from './connected.ts';
import { shortDigest } from './show.ts';
import { interrupted, sayFailure, watchRun } from './watch-run.ts';

/** The file to deliver is not there. */
export class NoSuchFile extends BacklotError {
  constructor(place: string) {
    super({ code: 'E-BACKLOT-023', kind: 'notFound', reason: 'there is no such file', place });
  }
}

type Query = Parameters<Connection['api']['deliver']>[0]['query'];
type Delivery = Awaited<ReturnType<Connection['api']['readDelivery']>>;

/** `backlot deliver`: hands a file in, watches its checks and shows the receipt. */
export async function deliver(call: CommandCall, connection: Connection): Promise<number> {
  const { args, options, output } = call;
  const table = args[0]!;
  const query: Query = {
    ...formatOf(basename(args[1]!)),
    mode: options.mode === 'replace' ? 'replace' : 'append',
    provider: typeof options.provider === 'string' ? options.provider : 'local',
  };
  const body = await readWhole(call, resolve(call.cwd, args[1]!));
  const { api } = connection;
  const names = async () => (await api.listTables()).tables.map(({ name }) => name);
  const { run, problem } = await suggesting(table, names, () =>
    api.deliver({ params: { table }, query, body }),
  );
  if (problem) output.say(`${problem.code} ${problem.reason}`);
  const ended = await watchRun(call, connection, run);
  if (!ended) return interrupted;
  const delivery = await deliveryOf(connection, table, run);
  if (!delivery) {
    output.result(ended, []);
    sayFailure(call, ended);
    return exitCodes.failed;
  }
  showReceipt(call, delivery);
  return delivery.status === 'refused' ? exitCodes.refused : 0;
}

/** The verb; deliveries are the local author's, who is the steward too. */
export const run: CommandRun = connected(deliver, 'author');

const formats: Readonly<Record<string, Query['format']>> = {
  csv: 'csv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
};

/**
 * How a file's name says that it is written.
 *
 * @throws BadOption for a name that says nothing known
 */
export function formatOf(name: string): Pick<Query, 'format' | 'compression'> {
  const [, extension = '', gzip] = /\.([a-z]+)(\.gz)?$/.exec(name.toLowerCase()) ?? [];
  const format = formats[extension];
  if (format) return { format, compression: gzip ? 'gzip' : 'none' };
  throw new BadOption(
    `the name ${name.slice(0, 80)} does not say the format`,
    'name it .csv, .jsonl, .ndjson or .parquet, with .gz where it is gzipped',
  );
}

async function readWhole({ io }: CommandCall, path: string): Promise<Uint8Array> {
  if ((await io.files.stat(path))?.kind === 'folder') throw new BadOption(`${path} is a folder`);
  if (!(await io.files.stat(path))) throw new NoSuchFile(path);
  return io.files.read(path);
}

async function deliveryOf(
  { api }: Connection,
  table: string,
  run: string,
): Promise<Delivery | undefined> {
  const { deliveries } = await api.listDeliveries({ query: { table, limit: 200 } });
  const found = deliveries.find((delivery) => delivery.run === run);
  return found && api.readDelivery({ params: { delivery: found.id } });
}

function showReceipt({ output }: CommandCall, delivery: Delivery): void {
  const { status, rows, accepted, quarantined, snapshot, reasons } = delivery;
  output.result(delivery, [
    status === 'unchanged'
      ? `${delivery.table}  unchanged`
      : `${delivery.table}  ${status}  ${accepted} of ${rows} rows accepted, ${quarantined} quarantined`,
    ...(snapshot ? [`snapshot ${shortDigest(snapshot)}  receipt ${delivery.id}`] : []),
    ...(reasons.length > 0
      ? table([
          ['rule', 'column', 'rows', 'mend'],
          ...reasons.map((one) => [one.rule, one.column || '-', one.rows, one.mend]),
        ])
      : []),
  ]);
  if (status === 'unchanged') output.say('the same rows were delivered before');
  if (status === 'refused') output.say('nothing was taken: mend the file, then deliver it again');
}
