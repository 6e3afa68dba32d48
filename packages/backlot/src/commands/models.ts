import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { countOf } from './bad-option.ts';
import { connected } from './connected.ts';
import { moment, shortDigest } from './show.ts';

/** `backlot models`: the models, the versions of one, or the card of a version. */
export async function showModels(call: CommandCall, connection: Connection): Promise<undefined> {
  const [model, version] = call.args;
  if (model === undefined) return listModels(call, connection);
  if (version === undefined) return listVersions(call, connection, model);
  return showCard(call, connection, model, countOf(version, 'the version'));
}

export const run: CommandRun = connected(showModels);

async function listModels({ output }: CommandCall, { api }: Connection): Promise<undefined> {
  const { models } = await api.listModels();
  const rows = models.map(({ name, latest, production }) => [
    name,
    latest.version,
    latest.approval,
    production === undefined ? '-' : String(production.version),
    moment(latest.at),
  ]);
  const head = ['model', 'latest', 'approval', 'production', 'at'];
  output.result({ models }, rows.length === 0 ? [] : table([head, ...rows]));
  if (models.length === 0) output.say('no model is registered yet: backlot start makes one');
}

async function listVersions(
  { output }: CommandCall,
  { api }: Connection,
  model: string,
): Promise<undefined> {
  const found = await suggesting(model, namesOf(api), () =>
    api.listVersions({ params: { model } }),
  );
  const metrics = Object.keys(found.versions[0]?.metrics ?? {}).slice(0, 4);
  const rows = found.versions.map((one) => [
    one.version,
    shortDigest(one.digest),
    one.approval,
    one.aliases.join(' ') || '-',
    moment(one.at),
    ...metrics.map((metric) => one.metrics[metric]?.toFixed(4) ?? '-'),
  ]);
  const head = ['version', 'digest', 'approval', 'aliases', 'at', ...metrics];
  output.result(found, table([head, ...rows]));
  const proposed = found.versions.find(({ approval }) => approval === 'proposed');
  if (proposed) output.say(`backlot approve ${model} ${proposed.version} decides what is proposed`);
}

async function showCard(
  { output }: CommandCall,
  { api }: Connection,
  model: string,
  version: number,
): Promise<undefined> {
  const found = await suggesting(model, namesOf(api), () =>
    api.readVersion({ params: { model, version } }),
  );
  output.result(found, found.cardMarkdown.trimEnd().split('\n'));
}

/** The names that a mistyped model may have been. */
export function namesOf(api: Connection['api']): () => Promise<readonly string[]> {
  return async () => (await api.listModels()).models.map(({ name }) => name);
}
