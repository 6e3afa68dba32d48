import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Files, FileTooLarge, hasErrno } from '@backlot/core';

/**
 * What every driver of the `Files` port has to do, as tests.
 *
 * @param name names the driver in the test report
 * @param open gives the driver for an empty real folder
 */
export function filesSuite(name: string, open: (root: string) => Files): void {
  for (const [behaviour, check] of Object.entries(behaviours)) {
    test(`${name}: ${behaviour}`, async () => {
      const root = await mkdtemp(join(tmpdir(), 'backlot-files-'));
      try {
        await check(open(root), root);
      } finally {
        await rm(root, { recursive: true, force: true });
        await rm(`${root}.removed`, { recursive: true, force: true });
      }
    });
  }
}

type Behaviour = (files: Files, root: string) => Promise<void>;

const behaviours: Readonly<Record<string, Behaviour>> = {
  'a created file holds what was written, in order': async (files, root) => {
    const path = join(root, 'a');
    await put(files, path, 'one', 'two');
    assert.equal(await text(files, path), 'onetwo');
  },
  'a taken path is not created again': async (files, root) => {
    await put(files, join(root, 'a'), 'first');
    await assert.rejects(files.create(join(root, 'a')), (error) => hasErrno(error, 'EEXIST'));
    assert.equal(await text(files, join(root, 'a')), 'first');
  },
  'a file in no folder is not created': async (files, root) => {
    await assert.rejects(files.create(join(root, 'no', 'a')), (error) => hasErrno(error, 'ENOENT'));
  },
  'append makes a file and goes on at its end': async (files, root) => {
    for (const part of ['one', 'two']) {
      const file = await files.append(join(root, 'log'));
      await file.write(bytes(part));
      await file.sync();
      await file.close();
    }
    assert.equal(await text(files, join(root, 'log')), 'onetwo');
  },
  'a large file is refused whole': async (files, root) => {
    await put(files, join(root, 'a'), '12345');
    await assert.rejects(files.read(join(root, 'a'), { limitBytes: 4 }), FileTooLarge);
    assert.equal((await files.read(join(root, 'a'), { limitBytes: 5 })).byteLength, 5);
  },
  'an absent file cannot be read': async (files, root) => {
    await assert.rejects(files.read(join(root, 'a')), (error) => hasErrno(error, 'ENOENT'));
  },
  'a link is not followed': async (files, root) => {
    await put(files, join(root, 'target'), 'secret');
    await symlink(join(root, 'target'), join(root, 'link'));
    await assert.rejects(files.read(join(root, 'link')), (error) => hasErrno(error, 'ELOOP'));
    assert.equal((await files.stat(join(root, 'link')))?.kind, 'other');
  },
  'a stream gives the range that was asked for': async (files, root) => {
    await put(files, join(root, 'a'), '0123456789');
    assert.equal(await streamed(files, join(root, 'a')), '0123456789');
    assert.equal(await streamed(files, join(root, 'a'), 7), '789');
    assert.equal(await streamed(files, join(root, 'a'), 2, 5), '234');
    assert.equal(await streamed(files, join(root, 'a'), 5, 5), '');
  },
  'stat tells files, folders and nothing apart': async (files, root) => {
    await put(files, join(root, 'a'), '123');
    await files.makeFolder(join(root, 'x', 'y'));
    assert.equal((await files.stat(join(root, 'a')))?.bytes, 3);
    assert.equal((await files.stat(join(root, 'a')))?.kind, 'file');
    assert.equal((await files.stat(join(root, 'x', 'y')))?.kind, 'folder');
    assert.equal(await files.stat(join(root, 'b')), undefined);
    assert.equal(await files.stat(join(root, 'a', 'b')), undefined);
  },
  'a list is sorted, and empty where there is no folder': async (files, root) => {
    for (const name of ['b', 'a', 'C']) await put(files, join(root, name), name);
    assert.deepEqual(await files.list(root), ['C', 'a', 'b']);
    assert.deepEqual(await files.list(join(root, 'no')), []);
  },
  'making a folder again changes nothing': async (files, root) => {
    await files.makeFolder(join(root, 'x', 'y'));
    await put(files, join(root, 'x', 'y', 'a'), 'kept');
    await files.makeFolder(join(root, 'x', 'y'));
    assert.equal(await text(files, join(root, 'x', 'y', 'a')), 'kept');
  },
  'a rename replaces what stands at its target': async (files, root) => {
    await put(files, join(root, 'a'), 'new');
    await put(files, join(root, 'b'), 'old');
    await files.rename(join(root, 'a'), join(root, 'b'));
    assert.equal(await text(files, join(root, 'b')), 'new');
    assert.deepEqual(await files.list(root), ['b']);
  },
  'a folder moves with all in it': async (files, root) => {
    await files.makeFolder(join(root, 'x', 'y'));
    await put(files, join(root, 'x', 'y', 'a'), 'moved');
    await files.rename(join(root, 'x'), join(root, 'z'));
    assert.equal(await text(files, join(root, 'z', 'y', 'a')), 'moved');
    assert.deepEqual(await files.list(root), ['z']);
  },
  'an absent file cannot be renamed': async (files, root) => {
    await assert.rejects(files.rename(join(root, 'a'), join(root, 'b')), (error) =>
      hasErrno(error, 'ENOENT'),
    );
  },
  'a file is cut to a length': async (files, root) => {
    await put(files, join(root, 'a'), '0123456789');
    await files.truncate(join(root, 'a'), 4);
    assert.equal(await text(files, join(root, 'a')), '0123');
  },
  'remove takes files, folders, and nothing at all': async (files, root) => {
    await files.makeFolder(join(root, 'x', 'y'));
    await put(files, join(root, 'x', 'y', 'a'), 'a');
    await put(files, join(root, 'b'), 'b');
    for (const name of ['x', 'b', 'never']) await files.remove(join(root, name));
    assert.deepEqual(await files.list(root), []);
  },
  'files and folders are synced; an absent one is not': async (files, root) => {
    await put(files, join(root, 'a'), 'a');
    await files.sync(join(root, 'a'));
    await files.syncFolder(root);
    await assert.rejects(files.sync(join(root, 'b')), (error) => hasErrno(error, 'ENOENT'));
    await assert.rejects(files.syncFolder(join(root, 'x')), (error) => hasErrno(error, 'ENOENT'));
  },
};

async function put(files: Files, path: string, ...parts: readonly string[]): Promise<void> {
  const file = await files.create(path);
  for (const part of parts) await file.write(bytes(part));
  await file.close();
}

async function text(files: Files, path: string): Promise<string> {
  return new TextDecoder().decode(await files.read(path));
}

async function streamed(files: Files, path: string, start?: number, end?: number): Promise<string> {
  const range = start === undefined ? undefined : { start, ...(end !== undefined && { end }) };
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.stream(path, range)) chunks.push(chunk);
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function bytes(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}
