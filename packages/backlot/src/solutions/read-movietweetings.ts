import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { type Input, stagedFile, type TaskContext, task } from '@backlot/pipelines';
import { deliveredFile } from '@backlot/tasks';

/**
 * Writes MovieTweetings' files (fields between `::`, gzipped) as JSON Lines that the contracts of
 * films and ratings can check. Nothing is judged here: a bad line becomes a bad row.
 */
export const readMovieTweetings = task({
  name: 'read-movietweetings',
  module: import.meta.url,
  inputs: { movies: deliveredFile, ratings: deliveredFile },
  outputs: { films: deliveredFile, ratings: deliveredFile },
  run: async ({ inputs, context }) => ({
    films: stagedFile(await convert(context, inputs.movies, 'films', filmRow)),
    ratings: stagedFile(await convert(context, inputs.ratings, 'ratings', ratingRow)),
  }),
});

async function convert(
  { io, scratch, signal, progress }: TaskContext,
  input: Input<string>,
  name: string,
  rowOf: (fields: readonly string[]) => object,
): Promise<string> {
  const source = Readable.from(io.files.stream(await input.path())).pipe(createGunzip());
  const path = join(scratch, `${name}.jsonl`);
  const file = await io.files.create(path);
  let [rows, text] = [0, ''];
  for await (const line of createInterface({ input: source })) {
    signal.throwIfAborted();
    text += `${JSON.stringify(rowOf(line.split('::')))}\n`;
    rows++;
    if (text.length < 1 << 16) continue;
    await file.write(Buffer.from(text));
    text = '';
    progress({ done: rows, unit: name });
  }
  await file.write(Buffer.from(text));
  await file.close();
  return path;
}

function filmRow([film, title = '', genres = '']: readonly string[]): object {
  const year = /\((\d{4})\)\s*$/.exec(title)?.[1];
  return {
    ...{ film, title: title.replace(/\s*\(\d{4}\)\s*$/, '') },
    ...(year !== undefined && { year: Number(year) }),
    genres: genres.split('|').filter((genre) => genre !== ''),
  };
}

function ratingRow([account, film, rating, ratedAt]: readonly string[]): object {
  return { account, film, rating: Number(rating), ratedAt: Number(ratedAt) };
}
