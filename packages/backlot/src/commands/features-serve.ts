import type { CommandCall, CommandRun } from '../cli/command.ts';
import { table } from '../cli/output.ts';
import { suggesting } from '../cli/suggesting.ts';
import type { Connection } from '../connect.ts';
import { connected } from './connected.ts';
import { viewNames } from './features-ls.ts';

/** `backlot features serve VIEW KEY`: the values that are served for a key at this moment. */
export async function serveFeatures(
  { args, options, output }: CommandCall,
  { api }: Connection,
): Promise<undefined> {
  const [name, key] = [args[0]!, args[1]!];
  const named = options.account === true ? ('accounts' as const) : ('keys' as const);
  const text = await suggesting(name, viewNames(api), () =>
    api.readFeatureVectors({ body: { views: [{ name }], keys: [key], named } }),
  );
  const { features, rows, at } = JSON.parse(text) as VectorsAnswer;
  const values = Object.fromEntries(
    features.map((feature, index) => [feature, rows[0]!.values[index]]),
  );
  const lines = Object.entries(values).map(([feature, value]) => [feature, shown(value)]);
  output.result({ view: name, key, at, values }, table([['feature', 'value'], ...lines]));
}

export const run: CommandRun = connected(serveFeatures);

/** What the route writes. */
interface VectorsAnswer {
  readonly features: readonly string[];
  readonly at: number;
  readonly rows: readonly { readonly values: readonly unknown[] }[];
}

function shown(value: unknown): string {
  if (value === null) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
