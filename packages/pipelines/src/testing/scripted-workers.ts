import type { ProcessExit } from '@backlot/core';
import { type Digest, digestOfBytes } from '@backlot/core';
import { bytesArtifact } from '../authoring/artifact.ts';
import { type Pipeline, pipeline } from '../authoring/pipeline.ts';
import { task } from '../authoring/task.ts';
import type { Executor, Launch } from '../executors/executor.ts';
import type { ControlRequest } from '../worker/control-messages.ts';

/** A worker that does only what a test makes it do. */
export interface ScriptedWorker {
  readonly launch: Launch;
  /** Its process ends. */
  readonly exit: (exit: ProcessExit) => void;
  asked: 'nothing' | 'terminate' | 'kill';
  gone: boolean;
}

/** An executor whose workers are collected instead of run. A kill ends them at once. */
export function scriptedExecutor(workers: ScriptedWorker[]): Executor {
  return {
    start: async (launch) => {
      const { promise, resolve } = Promise.withResolvers<ProcessExit>();
      const worker: ScriptedWorker = {
        launch,
        exit: (exit) => {
          worker.gone = true;
          resolve(exit);
        },
        asked: 'nothing',
        gone: false,
      };
      workers.push(worker);
      return {
        exit: promise,
        terminate: () => {
          worker.asked = 'terminate';
        },
        kill: () => {
          worker.asked = 'kill';
          worker.exit({ code: null, signal: 'SIGKILL' });
        },
      };
    },
  };
}

export const someVersion: Digest = digestOfBytes('code');
const bytes = bytesArtifact('bytes');
const output = { kind: 'bytes', digest: digestOfBytes('output'), bytes: 6 };

/** What a scripted worker commits: its output, and one effect with an id of the test's choice. */
export function commitOf(effect: string): ControlRequest<'commit'> {
  return {
    outputs: { out: output },
    effects: [{ kind: 'note', payload: { id: effect } }],
    metrics: {},
    version: someVersion,
  };
}

const first = task({
  name: 'first',
  module: import.meta.url,
  cache: false,
  outputs: { out: bytes },
  run: async () => ({ out: Uint8Array.of(1) }),
});
const next = task({
  name: 'next',
  module: import.meta.url,
  cache: false,
  inputs: { a: bytes, b: bytes },
  outputs: { out: bytes },
  run: async () => ({ out: Uint8Array.of(1) }),
});

/** Two tasks in a row. */
export const chain: Pipeline = pipeline('chain', {}, (run) => {
  const { out } = run(first, {});
  run(next, { a: out, b: out });
});

/** Two that begin, one that needs both, two that end. */
export const diamond: Pipeline = pipeline('diamond', {}, (run) => {
  const left = run(first, {}, { name: 'left' });
  const right = run(first, {}, { name: 'right' });
  const joined = run(next, { a: left.out, b: right.out }, { name: 'joined' });
  run(next, { a: joined.out, b: left.out }, { name: 'end', shard: '0' });
  run(next, { a: joined.out, b: right.out }, { name: 'end', shard: '1' });
});
