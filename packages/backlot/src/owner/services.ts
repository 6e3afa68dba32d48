import { join } from 'node:path';
import { BacklotError, createId, digestOf } from '@backlot/core';
import { profileOf, type SnapshotProfile } from '@backlot/data';
import type { Scheduler } from '@backlot/pipelines';
import {
  type ApprovalAuthority,
  findApproval,
  latestProposal,
  type Registry,
} from '@backlot/registry';
import type { BackupReport, Services } from '@backlot/server';
import type { Endpoints, PredictionLog } from '@backlot/serving';
import { backupState, ledgerSigner, signCheckpoint } from '@backlot/store';
import { deliveredFile } from '@backlot/tasks';
import type { Project } from '../project.ts';
import type { ProjectDefinitions } from './definitions.ts';
import { endpointNamed } from './endpoints.ts';
import { ownerFeatures } from './features.ts';
import { collectStateGarbage } from './garbage.ts';
import { backupsOf } from './home.ts';
import { ownerQuality } from './quality.ts';
import type { State } from './state.ts';
import { BackupElsewhere } from './storage.ts';

/** What is deployed has to be approved first. */
class NotApproved extends BacklotError {
  constructor(model: string, version: number) {
    super({
      code: 'E-BACKLOT-006',
      kind: 'refused',
      reason: `version ${version} of ${model} has no approval`,
      place: `model/${model}/${version}`,
      mend: `backlot approve ${model} ${version} --reason TEXT`,
    });
  }
}

interface Parts {
  readonly state: State;
  readonly registry: Registry;
  readonly authority: ApprovalAuthority;
  readonly scheduler: Scheduler;
  readonly definitions: ProjectDefinitions;
  readonly endpoints: Endpoints;
  readonly log: PredictionLog;
  readonly project: Project;
  readonly version: string;
  readonly home: string;
}

/** What the API's handlers work with, over the parts that the owner opened. */
export async function ownerServices(parts: Parts): Promise<Services> {
  const { state, registry, authority, scheduler, definitions, endpoints, project } = parts;
  const { io, metadata, objects, access, keys } = state;
  const ledgerKey = await keys.signer(ledgerSigner);
  return {
    ...{ io, version: parts.version, metadata, objects, access, registry, authority, scheduler },
    ...{ definitions, home: parts.home, endpoints, tables: definitions.tables },
    project: {
      ...{ name: project.name, title: project.title ?? project.name },
      ...(project.mediaKind !== undefined && { mediaKind: project.mediaKind }),
    },
    pseudonymiser: (workspace) => keys.pseudonymiser(workspace),
    profile: profiles(parts),
    quality: ownerQuality(state, definitions.tables),
    ...ownerFeatures(state, definitions.features, ownerQuality(state, definitions.tables)),
    deliver: (principal, { table, source, ...rest }) => {
      const { format, compression, mode, provider } = rest;
      return scheduler.startRun(principal, {
        pipeline: 'deliver',
        parameters: { table, format, compression, mode, provider },
        sources: { 'file.delivery': { kind: deliveredFile.kind, ...source } },
      });
    },
    deploy: async (principal, { endpoint, model, version }) => {
      const proposal = await latestProposal(metadata, principal.workspace, model, version);
      const approval = proposal && (await findApproval(metadata, principal.workspace, proposal.id));
      if (!approval) throw new NotApproved(model, version);
      const { storefronts } = proposal;
      const wish = { endpoint, model, version, storefronts, approval: approval.id };
      await registry.deploy(principal, wish);
      const clock = io.clock;
      const made = endpointNamed({ ...parts, metadata, objects, clock }, endpoint);
      await made.load();
      return made;
    },
    ledgerKeys: { [ledgerKey.id]: ledgerKey.publicKey },
    signCheckpoint: async () => {
      await signCheckpoint({ metadata, signer: ledgerKey, clock: io.clock });
    },
    backUp: () => backUp(parts),
    collectGarbage: (dryRun) => collectStateGarbage(state, dryRun),
  };
}

async function backUp({ state, home }: Parts): Promise<BackupReport> {
  const { io, folder, objects, places } = state;
  if (places.metadata ?? places.objects) throw new BackupElsewhere(places);
  const stamp = new Date(io.clock.now()).toISOString().replaceAll(/[:.]/g, '-').toLowerCase();
  const name = `${stamp}-${createId(io.random).slice(0, 6)}`;
  await io.files.makeFolder(backupsOf(home));
  const target = join(backupsOf(home), name);
  const manifest = await backupState({ io, paths: folder.paths, objects, target });
  return {
    ...{ name, manifest: digestOf(manifest), entries: manifest.ledger.size },
    objects: manifest.files.filter(({ path }) => path.startsWith('objects/')).length,
    bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

/** Profiles are computed once for each snapshot and kept; two who ask at once wait for one. */
function profiles({ state }: Parts): Services['profile'] {
  const { io, objects, metadata, folder } = state;
  const parts = { io, objects, metadata, memoryMiB: 512, threads: 1, scratch: folder.paths.runs };
  const waiting = new Map<string, Promise<SnapshotProfile>>();
  return (digest, workspace) => {
    const key = `${workspace} ${digest}`;
    const held = waiting.get(key) ?? profileOf(parts, { workspace, id: 'owner' }, digest);
    waiting.set(key, held);
    const forget = () => waiting.delete(key);
    held.then(forget, forget);
    return held;
  };
}
