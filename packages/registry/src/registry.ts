import type { Principal } from '@backlot/access';
import type { Clock, Digest } from '@backlot/core';
import type { Metadata, Objects, Transaction } from '@backlot/store';
import {
  type Approval,
  type ApprovalAuthority,
  type ApprovalDecision,
  approve,
  reject,
} from './approval.ts';
import {
  type Deployment,
  type DeploymentRequest,
  deploy,
  type RollbackRequest,
  rollback,
  type VerifiedDeployment,
  verifyDeployment,
} from './deployment.ts';
import { BadRegistration } from './error.ts';
import type { ModelCard } from './model-card.ts';
import { type Proposal, type ProposalDraft, propose } from './proposal.ts';
import {
  getVersion,
  type ModelVersion,
  registerVersion,
  type VersionRegistration,
} from './version.ts';
import { diffVersions, type VersionDiff } from './version-diff.ts';

export interface RegistryOptions {
  readonly metadata: Metadata;
  readonly objects: Objects;
  readonly clock: Clock;
  readonly authority: ApprovalAuthority;
}

/** A time the registry fills in from its own clock. */
type Untimed<T> = Omit<T, 'at'>;

/**
 * The registry's verbs with a transaction each, for callers that hold none. Objects that a version
 * names are looked up first: a digest that nothing is stored under is refused.
 */
export interface Registry {
  registerVersion(who: Principal, what: Untimed<VersionRegistration>): Promise<ModelVersion>;
  propose(who: Principal, what: Untimed<ProposalDraft>): Promise<Proposal>;
  approve(who: Principal, what: Untimed<ApprovalDecision>): Promise<Approval>;
  reject(who: Principal, what: Pick<ApprovalDecision, 'proposal' | 'reason'>): Promise<Proposal>;
  deploy(who: Principal, what: Untimed<DeploymentRequest>): Promise<Deployment>;
  rollback(who: Principal, what: Untimed<RollbackRequest>): Promise<Deployment>;
  /** What an endpoint may load now; `ApprovalRefused` when its approval does not hold. */
  verify(workspace: string, endpoint: string): Promise<VerifiedDeployment>;
  /** The card that a version was registered with. */
  readCard(digest: Digest): Promise<ModelCard>;
  diff(workspace: string, model: string, before: number, after: number): Promise<VersionDiff>;
}

export function openRegistry({ metadata, objects, clock, authority }: RegistryOptions): Registry {
  const write = <T>(work: (tx: Transaction, at: number) => Promise<T>): Promise<T> =>
    metadata.write((tx) => work(tx, clock.now()));
  const readCard = async (digest: Digest): Promise<ModelCard> =>
    parseCard(await objects.get(digest, { limitBytes: maxCardBytes }));
  return {
    registerVersion: async (who, what) => {
      await mustBeStored(objects, [what.digest, what.evaluation, what.card]);
      return write((tx, at) => registerVersion(tx, who, { ...what, at }));
    },
    propose: (who, what) => write((tx, at) => propose(tx, who, { ...what, at })),
    approve: (who, what) => write((tx, at) => approve(tx, who, { ...what, at }, authority)),
    reject: (who, what) => write((tx, at) => reject(tx, who, { ...what, at })),
    deploy: (who, what) => write((tx, at) => deploy(tx, who, { ...what, at }, authority)),
    rollback: (who, what) => write((tx, at) => rollback(tx, who, { ...what, at }, authority)),
    verify: (workspace, endpoint) =>
      verifyDeployment(metadata, workspace, endpoint, authority, clock.now()),
    readCard,
    diff: async (workspace, model, before, after) => {
      const [old, next] = await Promise.all(
        [before, after].map(async (number) => {
          const version = await getVersion(metadata, workspace, model, number);
          return { version, card: await readCard(version.card) };
        }),
      );
      return diffVersions(old!, next!);
    },
  };
}

const maxCardBytes = 16 * 2 ** 20;

async function mustBeStored(objects: Objects, digests: readonly Digest[]): Promise<void> {
  for (const digest of digests) {
    if (!(await objects.has(digest))) {
      throw new BadRegistration(`no object is stored as ${digest}, store it first`);
    }
  }
}

function parseCard(bytes: Uint8Array): ModelCard {
  const card = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as ModelCard;
  if (card.kind !== 'model-card' || card.version !== 1) {
    throw new BadRegistration('the object is not a model card of version 1');
  }
  return card;
}
