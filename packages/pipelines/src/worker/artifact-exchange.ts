import type { Objects } from '@backlot/store';
import {
  type ArtifactContent,
  type ArtifactKind,
  type ArtifactRef,
  type Encoded,
  isStagedFile,
} from '../authoring/artifact.ts';
import type { AnyTask, Input } from '../authoring/task.ts';
import { BadCommit } from '../pipelines-error.ts';
import type { Refs } from '../state/rows.ts';

/** The inputs of a task, each read from the object store when it is asked for. */
export function openInputs(
  task: AnyTask,
  refs: Refs,
  objects: Objects,
): Readonly<Record<string, Input<unknown>>> {
  const inputs: Record<string, Input<unknown>> = {};
  for (const [name, kind] of Object.entries(task.inputs)) {
    const ref = Object.hasOwn(refs, name) ? refs[name] : undefined;
    if (!ref) throw new BadCommit(task.name, `the input ${name} was not given`);
    const content = contentOf(ref, objects);
    inputs[name] = { ref, read: () => kind.decode(content), path: content.path };
  }
  return inputs;
}

function contentOf(ref: ArtifactRef, objects: Objects): ArtifactContent {
  return {
    ref,
    bytes: (options) => objects.get(ref.digest, options),
    path: () => objects.localPath(ref.digest),
  };
}

/** Stores what a task answered, and answers the references to commit. */
export async function storeOutputs(
  task: AnyTask,
  results: Readonly<Record<string, unknown>>,
  objects: Objects,
): Promise<Refs> {
  const extra = Object.keys(results).find((name) => !Object.hasOwn(task.outputs, name));
  if (extra !== undefined) throw new BadCommit(task.name, `the output ${extra} is not declared`);
  const refs: Record<string, ArtifactRef> = {};
  for (const [name, kind] of Object.entries(task.outputs)) {
    if (!Object.hasOwn(results, name) || results[name] === undefined) {
      throw new BadCommit(task.name, `the output ${name} is missing`);
    }
    refs[name] = await storeOutput(kind, results[name], objects);
  }
  return refs;
}

async function storeOutput(
  kind: ArtifactKind<unknown>,
  value: unknown,
  objects: Objects,
): Promise<ArtifactRef> {
  const encoded: Encoded = isStagedFile(value) ? value : await kind.encode(value);
  const stored = isStagedFile(encoded)
    ? await objects.adopt(encoded.path)
    : await objects.put(encoded);
  return { kind: kind.kind, digest: stored.digest, bytes: stored.bytes };
}
