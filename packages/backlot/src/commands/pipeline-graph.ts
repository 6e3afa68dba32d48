import { NotFound } from '@backlot/pipelines';
import type { CommandRun } from '../cli/command.ts';
import { suggesting } from '../cli/suggesting.ts';
import { connected } from './connected.ts';

/** `backlot pipeline graph PIPELINE`: each task with what it waits for, in an order that works. */
export const run: CommandRun = connected(async ({ args, output }, { api }) => {
  const { pipelines } = await api.listPipelines();
  const [name = ''] = args;
  const names = async () => pipelines.map((one) => one.name);
  const found = await suggesting(name, names, async () => {
    const one = pipelines.find((pipeline) => pipeline.name === name);
    if (!one) throw new NotFound(`pipeline ${name.slice(0, 60)}`);
    return one;
  });
  const width = Math.max(...found.tasks.map(({ id }) => id.length), 0);
  const lines = found.tasks.map(({ id, upstream }) =>
    upstream.length === 0 ? id : `${id.padEnd(width)}  after ${upstream.join(', ')}`,
  );
  output.result({ pipeline: found.name, tasks: found.tasks }, lines);
  if (found.tasks.length === 0) output.say('it has no plan before it is given parameters');
  return undefined;
});
