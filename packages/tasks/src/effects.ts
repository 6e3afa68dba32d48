import type { Principal } from '@backlot/access';
import { type Clock, type Digest, parseDigest } from '@backlot/core';
import {
  deliveryLineage,
  type Manifest,
  publishSnapshot,
  readManifest,
  readReceipt,
  readSealedSubjects,
  recordDelivery,
  recordMaking,
} from '@backlot/data';
import type { EffectHandler, EffectHandlers, EffectOrigin } from '@backlot/pipelines';
import { propose, registerVersion } from '@backlot/registry';
import {
  type Keys,
  type Objects,
  type SealedSubjectRow,
  storeSealedSubjects,
  type Transaction,
} from '@backlot/store';
import { deliveryEffectKind, deliveryPayload } from './deliver.ts';
import { proposeEffectKind, proposePayload } from './propose.ts';

export interface EffectPorts {
  readonly objects: Objects;
  readonly keys: Keys;
  readonly clock: Clock;
  /** The digest of the policies in force: a proposal of other policies is another proposal. */
  readonly policy: Digest;
  /** Told of an object that nobody needs once the commit under way has held: it is to be removed. */
  readonly discard: (digest: Digest) => void;
}

/** How the owner applies what the built-in tasks ask for. */
export function builtInEffects(ports: EffectPorts): EffectHandlers {
  return {
    [deliveryEffectKind]: deliveryEffect(ports),
    [proposeEffectKind]: proposeEffect(ports),
  };
}

/** Records the receipt, writes key rows of new subjects, publishes the snapshot. */
function deliveryEffect({ objects, keys, clock, discard }: EffectPorts): EffectHandler {
  return async (tx, principal, payload, origin) => {
    const { receipt, manifest, previous, subjects } = deliveryPayload.parse(payload);
    const at = clock.now();
    if (subjects) {
      const digest = parseDigest(subjects);
      await addSubjects(tx, principal, { objects, keys, digest, at }, origin);
      discard(digest);
    }
    const receiptDigest = parseDigest(receipt);
    const told = await readReceipt(objects, receiptDigest);
    const delivery = await recordDelivery(tx, principal, {
      ...{ receipt: told, receiptDigest, run: origin.run, at },
    });
    if (!manifest) return;
    const digest = parseDigest(manifest);
    const { table, contract } = await publish(tx, principal, {
      ...{ objects, digest, at },
      ...(previous && { previous: parseDigest(previous) }),
    });
    const { run, version: code } = origin;
    await recordMaking(
      tx,
      principal,
      {
        ...{ snapshot: digest, table, kind: 'delivery', job: jobOf(origin), run, code, delivery },
        ...{ inputs: {}, columns: deliveryLineage(contract), at },
      },
      { contract, provider: told.provider },
    );
  };
}

async function publish(
  tx: Transaction,
  principal: Principal,
  wish: { objects: Objects; digest: Digest; previous?: Digest; at: number },
): Promise<Manifest> {
  const { objects, digest, previous, at } = wish;
  const manifest = await readManifest(objects, digest);
  await publishSnapshot(tx, principal, {
    ...{ digest, manifest, at },
    ...(previous && { expectedPrevious: previous }),
  });
  return manifest;
}

/** A task by its name in the graph of lineage; shards of a fan-out are one job. */
function jobOf({ pipeline, node }: EffectOrigin): string {
  return `${pipeline}.${node.split(/[/#]/)[0]}`;
}

async function addSubjects(
  tx: Transaction,
  principal: Principal,
  { objects, keys, digest, at }: { objects: Objects; keys: Keys; digest: Digest; at: number },
  { cached }: EffectOrigin,
): Promise<void> {
  // The object is removed once the rows stand: it holds copies of wrapped keys. A result that is
  // used again was committed together with its rows.
  if (cached && !(await objects.has(digest))) return;
  const subjects: SealedSubjectRow[] = [];
  for await (const { pseudonym, sealed } of readSealedSubjects(objects, digest)) {
    subjects.push({ subject: pseudonym, sealed });
  }
  const subjectKeys = await keys.subjectKeys(principal.workspace);
  const added = await storeSealedSubjects(tx, { keys: subjectKeys, subjects, at });
  await tx.record({
    ...{ workspace: principal.workspace, actor: principal.id, action: 'subject.add' },
    ...{ resource: 'subject', facts: { added, met: subjects.length } },
  });
}

/** Registers the version in the name of whoever ran the pipeline, and opens its proposal. */
function proposeEffect({ clock, policy }: EffectPorts): EffectHandler {
  return async (tx, principal, payload, origin) => {
    const wish = proposePayload.parse(payload);
    const at = clock.now();
    const version = await registerVersion(tx, principal, {
      ...{ model: wish.model, task: wish.task, bytes: wish.bytes, run: origin.run },
      digest: parseDigest(wish.digest),
      inputs: Object.fromEntries(
        Object.entries(wish.inputs).map(([name, digest]) => [name, parseDigest(digest)]),
      ),
      ...{ evaluation: parseDigest(wish.evaluation), card: parseDigest(wish.card) },
      ...{ authors: [principal.id], code: origin.version, at },
      ...{ parameters: wish.parameters, metrics: wish.metrics },
    });
    await propose(tx, principal, {
      ...{ model: wish.model, version: version.version, endpoint: wish.endpoint },
      ...{ storefronts: wish.storefronts, checks: wish.checks, key: policy, at },
    });
  };
}
