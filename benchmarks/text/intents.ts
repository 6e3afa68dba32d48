import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../shared/data/snips-nlu');

/** Requests to an assistant with what was meant by each. */
export async function intents(
  part: 'train' | 'dev',
): Promise<{ readonly texts: readonly string[]; readonly labels: readonly string[] }> {
  const linesOf = async (file: string): Promise<readonly string[]> =>
    (await readFile(join(folder, file), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => line.trim());
  return { texts: await linesOf(`${part}.seq.in`), labels: await linesOf(`${part}.label`) };
}
