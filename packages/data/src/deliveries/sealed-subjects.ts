import type { Digest } from '@backlot/core';
import type { Objects } from '@backlot/store';
import { BadDocument } from '../data-error.ts';
import type { SealedSubject } from './subjects.ts';

const maxLineLength = 100_000;

/** Reads a `subjects` object back, one subject at a time, for the owner to write key rows from. */
export async function* readSealedSubjects(
  objects: Objects,
  digest: Digest,
): AsyncGenerator<SealedSubject> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of objects.stream(digest)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineLength) throw bad(digest);
    for (const line of lines) yield parseLine(line, digest);
  }
  if (rest !== '') throw bad(digest);
}

function parseLine(line: string, digest: Digest): SealedSubject {
  const [, pseudonym, sealed] =
    /^\{"pseudonym":"([0-9a-f]{64})","sealed":"([A-Za-z0-9+/]*={0,2})"\}$/.exec(line) ?? [];
  if (pseudonym === undefined || sealed === undefined) throw bad(digest);
  return { pseudonym, sealed: Buffer.from(sealed, 'base64') };
}

function bad(digest: Digest): BadDocument {
  return new BadDocument('list of subjects', digest, 'a line is not a sealed subject');
}
