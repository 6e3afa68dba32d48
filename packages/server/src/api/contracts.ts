import type * as z from 'zod';
import { listAudit, readAuditEntry, verifyAudit } from './audit.ts';
import {
  deployVersion,
  listEndpoints,
  readEndpoint,
  recommend,
  replayPrediction,
} from './endpoints.ts';
import { listEstimators } from './estimators.ts';
import {
  buildFeatures,
  listFeatures,
  pushFeatures,
  readFeatureFreshness,
  readFeatures,
  readFeatureVectors,
} from './features.ts';
import { readHome } from './home.ts';
import { readLineage, readMaking, sendLineage, sendLineageBatch } from './lineage.ts';
import { decideVersion, listModels, listVersions, readVersion } from './models.ts';
import { checkTable, queryTables } from './quality.ts';
import {
  cancelBackfill,
  cancelRun,
  listPipelines,
  listRuns,
  readBackfill,
  readRun,
  readTaskLog,
  resumeRun,
  startBackfill,
  startRun,
  watchRun,
} from './runs.ts';
import { closeSession, openSession, whoAmI } from './session.ts';
import { backUp, collectGarbage } from './state.ts';
import {
  deliver,
  listDeliveries,
  listQuarantine,
  listTables,
  readCroissant,
  readDelivery,
  readTable,
} from './tables.ts';
import { issueToken, listTokens, revokeToken } from './tokens.ts';

/** Backlot's own API: what the console and the command line call. */
export const contracts = {
  openSession,
  closeSession,
  whoAmI,
  readHome,
  listTables,
  readTable,
  checkTable,
  queryTables,
  listQuarantine,
  deliver,
  listDeliveries,
  readCroissant,
  readDelivery,
  readLineage,
  readMaking,
  sendLineage,
  sendLineageBatch,
  listPipelines,
  startBackfill,
  readBackfill,
  cancelBackfill,
  startRun,
  listRuns,
  readRun,
  watchRun,
  cancelRun,
  resumeRun,
  readTaskLog,
  listModels,
  listVersions,
  readVersion,
  decideVersion,
  listEstimators,
  listEndpoints,
  readEndpoint,
  deployVersion,
  recommend,
  replayPrediction,
  listFeatures,
  readFeatures,
  readFeatureFreshness,
  readFeatureVectors,
  pushFeatures,
  buildFeatures,
  listAudit,
  readAuditEntry,
  verifyAudit,
  listTokens,
  issueToken,
  revokeToken,
  backUp,
  collectGarbage,
} as const;

/** A run with its tasks, as the API shows it. */
export type RunView = z.output<typeof readRun.result>;
/** A model version with its card, metrics, proposal and decisions. */
export type VersionView = z.output<typeof readVersion.result>;
/** A table with its profile, snapshots, rules and quarantine. */
export type TableView = z.output<typeof readTable.result>;
/** What needs a person, the last 24 hours, projects by stage. */
export type HomeView = z.output<typeof readHome.result>;
/** What each estimator declares of itself. */
export type EstimatorsView = z.output<typeof listEstimators.result>;
/** A feature view: what it is made of, and how fresh what it serves is. */
export type FeaturesView = z.output<typeof readFeatures.result>;
/** Jobs and data sets, and what is made from what. */
export type LineageView = z.output<typeof readLineage.result>;
/** What an endpoint answered. */
export type AnswerView = z.output<typeof recommend.result>;
/** The check of the whole ledger. */
export type AuditVerdict = z.output<typeof verifyAudit.result>;
