import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CrashProtocol, enumerateCrashes, type World } from './enumerate-crashes.ts';

test('the careful way to publish a file survives every crash', async () => {
  const report = await enumerateCrashes(publishing('publish carefully', careful));
  assert.equal(report.operations, 6);
  assert.ok(report.crashPoints >= 2 * report.operations);
  assert.ok(report.faultPoints > 0);
});

test('publishing without syncing the bytes is caught', async () => {
  await assert.rejects(
    enumerateCrashes(publishing('no sync', (world) => publish(world, { syncFolder: true }))),
    /no sync: no crash, .*: a note is there in part/,
  );
});

test('publishing without syncing the folder is caught', async () => {
  await assert.rejects(
    enumerateCrashes(publishing('no folder sync', (world) => publish(world, { sync: true }))),
    /an acknowledged effect is lost/,
  );
});

test('acknowledging too early is caught', async () => {
  const early = async (world: World): Promise<void> => {
    world.acknowledge('note');
    await publish(world, { sync: true, syncFolder: true });
  };
  await assert.rejects(
    enumerateCrashes(publishing('early', early)),
    /an acknowledged effect is lost/,
  );
});

test('a second sync after a failed one is caught', async () => {
  const retrying = async (world: World): Promise<void> => {
    const file = await world.io.files.create(join(world.root, 'incoming'));
    await file.write(Buffer.from(content));
    await file.sync().catch((error: Error) => {
      if (error.name === 'SimulatedCrash') throw error;
      return file.sync();
    });
    await file.close();
    await world.io.files.rename(join(world.root, 'incoming'), join(world.root, 'note'));
    await world.io.files.syncFolder(world.root);
    world.acknowledge('note');
  };
  await assert.rejects(enumerateCrashes(publishing('retry', retrying)), /retry: (ENOSPC|EIO)/);
});

test('a recovery that never comes to rest is caught', async () => {
  const restless: CrashProtocol<readonly string[]> = {
    ...publishing('restless', careful),
    recover: async ({ io, root }) => {
      const names = await io.files.list(root);
      await (await io.files.create(join(root, `recovered-${names.length}`))).close();
      return io.files.list(root);
    },
    check: () => undefined,
  };
  await assert.rejects(enumerateCrashes(restless), /recovered twice/);
});

const content = 'the whole note, nothing less';

function publishing(
  name: string,
  workload: (world: World) => Promise<void>,
): CrashProtocol<readonly string[]> {
  return {
    name,
    workload,
    recover: async ({ io, root }) => {
      await io.files.remove(join(root, 'incoming'));
      return Promise.all(
        (await io.files.list(root)).map(async (file) =>
          Buffer.from(await io.files.read(join(root, file))).toString(),
        ),
      );
    },
    check: (state, { acknowledged }) => {
      if (acknowledged.length > 0) assert.equal(state.length, 1, 'an acknowledged effect is lost');
      for (const note of state) assert.equal(note, content, 'a note is there in part');
    },
    resume: async ({ io, root }) => {
      await (await io.files.append(join(root, 'incoming'))).close();
    },
  };
}

function careful(world: World): Promise<void> {
  return publish(world, { sync: true, syncFolder: true });
}

async function publish(
  world: World,
  { sync = false, syncFolder = false }: { readonly sync?: boolean; readonly syncFolder?: boolean },
): Promise<void> {
  const { files } = world.io;
  const file = await files.create(join(world.root, 'incoming'));
  await file.write(Buffer.from(content));
  if (sync) await file.sync();
  await file.close();
  await files.rename(join(world.root, 'incoming'), join(world.root, 'note'));
  if (syncFolder) await files.syncFolder(world.root);
  world.acknowledge('note');
}
