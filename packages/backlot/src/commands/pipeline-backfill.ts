import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { BadOption } from './bad-option.ts';
import { connected } from './connected.ts';
import { moment } from './show.ts';

/** `backlot pipeline backfill`: starts one, or shows or cancels one that was started. */
export const run: CommandRun = connected(async (call, connection) => {
  const { show, cancel } = call.options;
  const [pipeline] = call.args;
  if ([show, cancel, pipeline].filter((given) => given !== undefined).length !== 1) {
    throw new BadOption('name one: a pipeline, --show or --cancel');
  }
  if (typeof show === 'string') return showBackfill(call, connection, show);
  if (typeof cancel === 'string') return cancelBackfill(call, connection, cancel);
  return startBackfill(call, connection, String(pipeline));
}, 'author');

async function startBackfill(
  { options, output }: CommandCall,
  { api }: Connection,
  pipeline: string,
): Promise<undefined> {
  const body = {
    from: momentOf(options.from, '--from'),
    until: momentOf(options.until, '--until'),
    again: options.again === true,
    dryRun: options.dryRun === true,
  };
  const names = async () => (await api.listPipelines()).pipelines.map(({ name }) => name);
  const made = await suggesting(pipeline, names, () =>
    api.startBackfill({ params: { pipeline }, body }),
  );
  output.result(
    made,
    made.times.map((time) => moment(time)),
  );
  if (made.done.length > 0) output.say(`${made.done.length} times have a run and are left out`);
  if (made.times.length === 0) output.say('there is nothing to run');
  else if (made.backfill === undefined) output.say(`${made.times.length} runs would start`);
  else output.say(`backlot pipeline backfill --show ${made.backfill}`);
}

async function showBackfill(
  { output }: CommandCall,
  { api }: Connection,
  backfill: string,
): Promise<undefined> {
  const found = await api.readBackfill({ params: { backfill } });
  const rows = found.runs.map(({ time, run, state }) => [moment(time), run.slice(0, 7), state]);
  output.result(found, table([['time', 'run', 'state'], ...rows]));
}

async function cancelBackfill(
  { output }: CommandCall,
  { api }: Connection,
  backfill: string,
): Promise<undefined> {
  const { cancelled } = await api.cancelBackfill({ params: { backfill }, body: {} });
  output.result({ cancelled }, [`${cancelled} runs are cancelled`]);
}

function momentOf(given: string | boolean | undefined, option: string): number {
  const good = typeof given === 'string' && /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(given);
  const at = good ? Date.parse(given) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new BadOption(`${option} is a day or a moment in UTC`, `${option} 2026-01-31`);
}
