import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { countOf } from './bad-option.ts';
import { connected } from './connected.ts';

const most = 200;

/** `backlot recommend`: what an endpoint answers for an account. */
export async function recommend(
  { args, options, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const { storefront } = options;
  const endpoint = args[0]!;
  const ask = {
    params: { endpoint },
    body: {
      account: args[1]!,
      k: countOf(String(options.k ?? 10), '--k', most),
      excludeSeen: !options.includeSeen,
      ...(typeof storefront === 'string' && { storefront }),
    },
  };
  const names = async () => (await api.listEndpoints()).endpoints.map(({ name }) => name);
  const answer = await suggesting(endpoint, names, () => api.recommend(ask));
  const rows = answer.items.map(({ rank, item, title, score }) => [
    rank,
    title ?? item,
    score.toFixed(4),
    item,
  ]);
  output.result(answer, table([['rank', 'title', 'score', 'item'], ...rows]));
  const time = answer.ms === undefined ? '' : `  ${answer.ms.toFixed(1)} ms`;
  output.say(`${answer.model} ${answer.version}  prediction ${answer.prediction}${time}`);
  if (answer.fallback !== undefined) output.say(`fallback: ${answer.fallback}`);
}

export const run: CommandRun = connected(recommend);
