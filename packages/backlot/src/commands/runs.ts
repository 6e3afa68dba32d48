import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { runLines } from '../cli/run-display.ts';
import type { Connection } from '../connect.ts';
import { BadOption } from './bad-option.ts';
import { connected } from './connected.ts';
import { duration, moment } from './show.ts';
import { sayFailure } from './watch-run.ts';

/** `backlot runs`: the runs, or one as a tree of its tasks, or the log of one task. */
export async function showRuns(call: CommandCall, connection: Connection): Promise<undefined> {
  const [id] = call.args;
  const { log } = call.options;
  if (typeof log === 'string') {
    if (id === undefined) throw new BadOption('--log needs a run', `backlot runs RUN --log ${log}`);
    return showLog(call, connection, id, log);
  }
  return id === undefined ? listRuns(call, connection) : showRun(call, connection, id);
}

export const run: CommandRun = connected(showRuns);

async function listRuns({ output }: CommandCall, { api }: Connection): Promise<undefined> {
  const { runs, next } = await api.listRuns({ query: { limit: 30 } });
  const rows = runs.map((one) => [
    one.id.slice(0, 7),
    one.pipeline,
    one.state,
    `${one.done}/${one.tasks}`,
    moment(one.createdAt),
    one.endedAt === undefined ? '-' : duration(one.endedAt - (one.startedAt ?? one.createdAt)),
    one.by,
  ]);
  const head = ['run', 'pipeline', 'state', 'tasks', 'at', 'took', 'by'];
  output.result(
    { runs, ...(next !== undefined && { next }) },
    rows.length === 0 ? [] : table([head, ...rows]),
  );
  if (runs.length === 0) output.say('nothing has run yet: backlot run');
  if (next !== undefined) output.say('older runs are in the console: backlot serve');
}

async function showRun(call: CommandCall, { api }: Connection, id: string): Promise<undefined> {
  const found = await api.readRun({ params: { run: id } });
  call.output.result(found, runLines(found, call.io.clock.now(), false));
  sayFailure(call, found);
}

async function showLog(
  { output }: CommandCall,
  { api }: Connection,
  id: string,
  task: string,
): Promise<undefined> {
  let [text, from, attempt] = ['', 0, 0];
  for (;;) {
    const piece = await api.readTaskLog({ params: { run: id, task }, query: { from } });
    text += piece.text;
    attempt = piece.attempt;
    // An attempt that still runs ends the log here: what it writes later is another call's.
    if (piece.ended || piece.next <= from) break;
    from = piece.next;
  }
  output.result({ run: id, task, attempt, text }, text === '' ? [] : text.trimEnd().split('\n'));
  if (text === '') output.say(`${task} wrote nothing`);
}
