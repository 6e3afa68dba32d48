import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Digest, digestOfBytes } from '@backlot/core';
import { type CrashProtocol, enumerateCrashes, type World } from '@backlot/testing';
import { openFileObjects } from './file-objects.ts';
import { collectGarbage } from './garbage.ts';
import { ledgerSigner, openKeys } from './keys.ts';
import { ledgerRoot, signCheckpoint } from './ledger-checkpoint.ts';
import { storedCheckpoints, storedEntries } from './ledger-page.ts';
import { verifyLedger } from './ledger-verifier.ts';
import type { Metadata, Schema } from './metadata.ts';
import type { CollectableObjects } from './objects.ts';
import { openSqliteMetadata } from './sqlite-metadata.ts';
import { destroySubjectKey, ensureSubjects, subjectIdentity, subjectSchema } from './subjects.ts';

const large = Buffer.from('0123456789abcdef'.repeat(600));
const small = Buffer.from('small');

test('putting objects survives every crash and every failed operation', async () => {
  const report = await enumerateCrashes({
    ...objectProtocol('object put'),
    workload: async (world) => {
      const objects = await openObjects(world);
      await acknowledgePut(world, objects, large);
      await acknowledgePut(world, objects, small);
      await acknowledgePut(world, objects, small);
      world.acknowledge((await objects.put(pieces(large, small))).digest);
    },
  });
  assert.ok(report.crashPoints > 100);
});

test('adopting a file that an engine wrote survives every crash', async () => {
  await enumerateCrashes({
    ...objectProtocol('object adopt'),
    workload: async (world) => {
      const objects = await openObjects(world);
      const path = join(world.root, 'staging', 'part-0');
      await world.io.files.makeFolder(join(world.root, 'staging'));
      const file = await world.io.files.create(path);
      await file.write(large);
      await file.close();
      world.acknowledge((await objects.adopt(path)).digest);
    },
  });
});

test('collecting garbage loses no object that is referred to, whenever it crashes', async () => {
  const kept = digestOfBytes(large);
  await enumerateCrashes({
    ...objectProtocol('garbage collection'),
    prepare: async (world) => {
      const objects = await openObjects(world);
      await objects.put(large);
      await objects.put(small);
      await objects.put(Buffer.from('late'));
    },
    workload: async (world) => {
      await world.io.clock.sleep(3 * 86_400_000);
      let marks = 0;
      const roots = [
        async function* (): AsyncIterable<Digest> {
          marks++;
          yield kept;
          // A reference that appears while the collection runs.
          if (marks > 1) yield digestOfBytes('late');
        },
      ];
      const objects = await openObjects(world);
      const { removed } = await collectGarbage({
        objects,
        clock: world.io.clock,
        roots,
        references: async function* () {
          yield* [];
        },
      });
      assert.deepEqual(removed, [digestOfBytes(small)]);
      world.acknowledge(kept);
    },
    check: (found) => {
      assert.ok(found.includes(kept), 'an object that is referred to is gone');
      assert.ok(found.includes(digestOfBytes('late')), 'a late reference is broken');
    },
  });
});

test('a metadata transaction survives every crash whole or not at all', async () => {
  await enumerateCrashes<{ notes: string[]; entries: number }>({
    name: 'metadata transaction',
    prepare: async (world) => {
      await openNotes(world, false);
    },
    workload: async (world) => {
      const metadata = await openNotes(world, true);
      for (const name of ['one', 'two']) {
        await writeNote(metadata, name);
        world.acknowledge(name);
      }
    },
    recover: async (world) => {
      const metadata = await openNotes(world, false);
      const notes = await metadata.all<{ id: string; part: number }>('SELECT id, part FROM notes');
      return {
        notes: notes.map(({ id, part }) => `${id}/${part}`).sort(),
        entries: (await ledgerRoot(metadata)).size,
      };
    },
    check: ({ notes, entries }, { acknowledged }) => {
      assert.equal(notes.length, 2 * entries, 'a transaction is there in part');
      for (const name of acknowledged) {
        assert.ok(notes.includes(`${name}/1`) && notes.includes(`${name}/2`));
      }
    },
    resume: async (world) => writeNote(await openNotes(world, false), 'after'),
  });
});

test('the ledger is a verified prefix after every crash, checkpoints and their key included', async () => {
  await enumerateCrashes<{ size: number; signed: number; root: string }>({
    name: 'ledger append and checkpoint',
    prepare: async (world) => {
      await openNotes(world, false);
    },
    workload: async (world) => {
      const metadata = await openNotes(world, true);
      const { clock } = world.io;
      await writeNote(metadata, 'one');
      world.acknowledge('1');
      const signer = await openKeys(world.io, join(world.root, 'keys')).signer(ledgerSigner);
      await signCheckpoint({ metadata, signer, clock });
      world.acknowledge('2');
      await writeNote(metadata, 'two');
      world.acknowledge('3');
      await signCheckpoint({ metadata, signer, clock });
      world.acknowledge('4');
    },
    recover: verifiedLedger,
    check: ({ size, signed }, { acknowledged }) => {
      assert.ok(size >= acknowledged.length, 'an acknowledged entry is lost');
      assert.ok(signed <= size);
      if (acknowledged.length >= 2) assert.ok(signed >= 2, 'an acknowledged checkpoint is lost');
    },
    resume: async (world) => {
      const metadata = await openNotes(world, false);
      await writeNote(metadata, 'after');
      const signer = await openKeys(world.io, join(world.root, 'keys')).signer(ledgerSigner);
      await signCheckpoint({ metadata, signer, clock: world.io.clock });
    },
  });
});

test('subjects keep their keys over every crash, and a destroyed key stays destroyed', async () => {
  const record = { workspace: 'w', actor: 'a', resource: 'subjects', action: 'subject.change' };
  await enumerateCrashes<{ ann: string | null; bob: string | null }>({
    name: 'subject keys',
    prepare: async (world) => {
      await openNotes(world, false);
    },
    workload: async (world) => {
      const metadata = await openNotes(world, true);
      const keys = await openKeys(world.io, join(world.root, 'keys')).subjectKeys('w');
      await metadata.write(async (tx) => {
        const subjects = ['ann', 'bob'].map((name) => ({ subject: name, identity: `${name}@x` }));
        await ensureSubjects(tx, { keys, subjects, at: 1 });
        await tx.record(record);
      });
      world.acknowledge('ensured');
      await metadata.write(async (tx) => {
        await destroySubjectKey(tx, { workspace: 'w', subject: 'bob', at: 2 });
        await tx.record(record);
      });
      world.acknowledge('destroyed');
    },
    recover: async (world) => {
      const metadata = await openNotes(world, false);
      const keys = await openKeys(world.io, join(world.root, 'keys')).subjectKeys('w');
      return {
        ann: (await subjectIdentity(metadata, keys, 'ann')) ?? null,
        bob: (await subjectIdentity(metadata, keys, 'bob')) ?? null,
      };
    },
    check: ({ ann, bob }, { acknowledged }) => {
      if (acknowledged.includes('ensured')) assert.equal(ann, 'ann@x');
      if (acknowledged.includes('destroyed')) assert.equal(bob, null);
      else if (acknowledged.length === 0)
        assert.ok((ann === null) === (bob === null) || bob === null);
    },
  });
});

function objectProtocol(name: string): Omit<CrashProtocol<readonly string[]>, 'workload'> {
  return {
    name,
    recover: async (world) => {
      const objects = await openObjects(world);
      const incoming = join(world.root, 'objects', 'incoming');
      assert.deepEqual(await world.io.files.list(incoming), [], 'temporary files leak');
      const found: string[] = [];
      for await (const { digest } of objects.list()) {
        await objects.get(digest);
        found.push(digest);
      }
      return found;
    },
    check: (found, { acknowledged }) => {
      for (const digest of acknowledged) assert.ok(found.includes(digest), 'an object is lost');
    },
    resume: async (world) => {
      const objects = await openObjects(world);
      const { digest } = await objects.put(Buffer.from('new work'));
      await objects.get(digest);
    },
  };
}

function openObjects({ io, root }: World): Promise<CollectableObjects> {
  return openFileObjects(io, join(root, 'objects'), { owner: true });
}

async function acknowledgePut(
  world: World,
  objects: CollectableObjects,
  bytes: Uint8Array,
): Promise<void> {
  world.acknowledge((await objects.put(bytes)).digest);
}

async function* pieces(...parts: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* parts;
}

const notesSchema: Schema = {
  name: 'notes',
  migrations: [
    ['CREATE TABLE notes (id TEXT NOT NULL, part INTEGER NOT NULL, PRIMARY KEY (id, part))'],
  ],
};

async function openNotes(world: World, observed: boolean): Promise<Metadata> {
  const metadata = await openSqliteMetadata({
    path: join(world.root, 'metadata.sqlite'),
    clock: world.io.clock,
    schemas: [notesSchema, subjectSchema],
    ...(observed && { onStep: world.step }),
  });
  world.defer(() => metadata.close());
  return metadata;
}

function writeNote(metadata: Metadata, id: string): Promise<void> {
  return metadata.write(async (tx) => {
    for (const part of [1, 2]) {
      await tx.run('INSERT INTO notes (id, part) VALUES (?, ?)', id, part);
    }
    await tx.record({ workspace: 'w', actor: 'a', action: 'note.write', resource: `note/${id}` });
  });
}

async function verifiedLedger(
  world: World,
): Promise<{ size: number; signed: number; root: string }> {
  const metadata = await openNotes(world, false);
  const signer = await openKeys(world.io, join(world.root, 'keys')).signer(ledgerSigner);
  const verdict = await verifyLedger({
    entries: storedEntries(metadata),
    checkpoints: await storedCheckpoints(metadata),
    trustedKeys: [signer.publicKey],
    tree: await ledgerRoot(metadata),
  });
  assert.ok(verdict.ok, verdict.ok ? '' : verdict.reason);
  return { size: verdict.size, signed: verdict.signedSize, root: verdict.root };
}
