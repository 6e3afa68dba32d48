import { exitCodes } from '@backlot/core';
import type { RunView } from '@backlot/server/client';
import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { BadOption } from './bad-option.ts';
import { connected } from './connected.ts';
import { duration, moment } from './show.ts';
import { interrupted, sayFailure, watchRun } from './watch-run.ts';

/** `backlot run`: starts a pipeline or goes on with a run and watches it, cancels, or lists. */
export async function runPipeline(
  call: CommandCall,
  connection: Connection,
): Promise<number | undefined> {
  const { cancel, resume } = call.options;
  const [pipeline] = call.args;
  if ([cancel, resume, pipeline].filter((given) => given !== undefined).length > 1) {
    throw new BadOption('a pipeline, --resume and --cancel exclude each other');
  }
  if (typeof cancel === 'string') return cancelRun(call, connection, cancel);
  if (typeof resume === 'string') {
    const { id } = await connection.api.resumeRun({ params: { run: resume }, body: {} });
    return watchToEnd(call, connection, id);
  }
  if (pipeline === undefined) return listPipelines(call, connection);
  const parameters = parametersOf(call.options.set);
  const { api } = connection;
  const names = async () => (await api.listPipelines()).pipelines.map(({ name }) => name);
  const { run } = await suggesting(pipeline, names, () =>
    api.startRun({ params: { pipeline }, body: { parameters } }),
  );
  return watchToEnd(call, connection, run);
}

/** The verb. What a local author starts is the author's, so that another may approve it. */
export const run: CommandRun = connected(runPipeline, 'author');

type StartBody = NonNullable<Parameters<Connection['api']['startRun']>[0]['body']>;
type RunParameters = NonNullable<StartBody['parameters']>;

function parametersOf(text: string | boolean | undefined): RunParameters {
  if (typeof text !== 'string') return {};
  const value = parseJson(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as RunParameters;
  }
  throw new BadOption('--set is a JSON object', `--set '{"factors":32}'`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function watchToEnd(call: CommandCall, connection: Connection, id: string): Promise<number> {
  const { output } = call;
  output.say(`run ${id.slice(0, 7)}`);
  const ended = await watchRun(call, connection, id);
  if (!ended) return interrupted;
  output.result(ended, [summaryOf(ended)]);
  if (ended.state === 'succeeded') return 0;
  sayFailure(call, ended);
  return exitCodes.failed;
}

function summaryOf(run: RunView): string {
  const took = duration((run.endedAt ?? run.createdAt) - (run.startedAt ?? run.createdAt));
  const tasks = `${run.done} of ${run.tasks} tasks`;
  return `${run.pipeline}  run ${run.id.slice(0, 7)}  ${run.state}  ${tasks}  ${took}`;
}

async function cancelRun(
  { output }: CommandCall,
  { api }: Connection,
  id: string,
): Promise<undefined> {
  const summary = await api.cancelRun({ params: { run: id }, body: {} });
  output.result(summary, [`run ${summary.id.slice(0, 7)} is ${summary.state}`]);
}

/** The pipelines with when they ran last and run next. */
export async function listPipelines(
  { output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const { pipelines } = await api.listPipelines();
  const rows = pipelines.map(({ name, tasks, lastRun, schedule }) => [
    name,
    tasks.length,
    lastRun?.state ?? 'never run',
    moment(lastRun?.createdAt),
    schedule ? `${moment(schedule.next)}  ${schedule.expression} ${schedule.zone}` : '-',
  ]);
  const head = ['pipeline', 'tasks', 'last run', 'at', 'next'];
  output.result({ pipelines }, table([head, ...rows]));
  const first = pipelines[0];
  output.say(first ? `backlot run ${first.name} runs one` : 'backlot.config.ts lists pipelines');
}
