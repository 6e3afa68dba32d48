import type { Access, Principal } from '@backlot/access';
import type { Digest, Io } from '@backlot/core';
import type { QualityParts, SnapshotProfile, Table } from '@backlot/data';
import type { Build, OnlineFeatures } from '@backlot/features';
import type { Definitions, Scheduler } from '@backlot/pipelines';
import type { ApprovalAuthority, Registry } from '@backlot/registry';
import type { Endpoint, Endpoints } from '@backlot/serving';
import type { Metadata, Objects } from '@backlot/store';

/** What the handlers work with; the composition root makes it. */
export interface Services {
  readonly io: Io;
  /** The version of this Backlot. */
  readonly version: string;
  readonly metadata: Metadata;
  readonly objects: Objects;
  readonly access: Access;
  readonly registry: Registry;
  readonly authority: ApprovalAuthority;
  readonly scheduler: Scheduler;
  readonly definitions: Definitions;
  /** Where logs of attempts lie. */
  readonly home: string;
  readonly endpoints: Endpoints;
  readonly project: ProjectFacts;
  /** The tables that the project defines. */
  readonly tables: readonly Table[];
  /** Turns accounts, as providers name them, into the workspace's pseudonyms. */
  pseudonymiser(workspace: string): Promise<(account: string) => string>;
  /** The profile of a snapshot, computed once; `PurposeRefused` where its rows may not be measured. */
  profile(snapshot: Digest, workspace: string): Promise<SnapshotProfile>;
  /** With what quality rules are checked and SQL is answered. */
  readonly quality: QualityParts;
  /** The served features of a workspace. */
  features(workspace: string): OnlineFeatures;
  /** Brings what a view serves up to the current snapshots of its tables. */
  buildFeatures(principal: Principal, wish: FeatureBuildWish): Promise<Build>;
  /** Starts the run that checks and publishes a delivered file, which is stored already. */
  deliver(principal: Principal, delivery: DeliveredFile): Promise<string>;
  /** Points an endpoint at an approved version and loads it. */
  deploy(principal: Principal, wish: DeploymentWish): Promise<Endpoint>;
  /** Public keys that may have signed the ledger, by their ids. */
  readonly ledgerKeys: Readonly<Record<string, string>>;
  /** Signs the ledger as it stands. */
  signCheckpoint(): Promise<void>;
  backUp(): Promise<BackupReport>;
  collectGarbage(dryRun: boolean): Promise<CollectionReport>;
}

export interface ProjectFacts {
  readonly name: string;
  readonly title: string;
  /** What it is mostly about, such as `film`. */
  readonly mediaKind?: string;
}

export interface DeliveredFile {
  readonly table: string;
  readonly source: { readonly digest: Digest; readonly bytes: number };
  readonly format: 'csv' | 'jsonl' | 'parquet';
  readonly compression: 'none' | 'gzip';
  readonly mode: 'append' | 'replace';
  readonly provider: string;
}

export interface FeatureBuildWish {
  readonly view: string;
  /** From the first event on. */
  readonly whole: boolean;
  readonly signal: AbortSignal;
}

export interface DeploymentWish {
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
}

export interface BackupReport {
  /** The folder's name, within the state folder's backups. */
  readonly name: string;
  readonly manifest: Digest;
  readonly objects: number;
  readonly bytes: number;
  /** Entries of the ledger that it holds. */
  readonly entries: number;
}

export interface CollectionReport {
  readonly kept: number;
  readonly removed: number;
  readonly bytes: number;
}
