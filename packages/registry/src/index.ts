export {
  type Approval,
  type ApprovalAuthority,
  type ApprovalDecision,
  approvalObstacle,
  approve,
  findApproval,
  getApproval,
  lineageAuthors,
  reject,
} from './approval.ts';
export {
  type ApprovalStatement,
  type ApprovalSubject,
  type ApprovalTarget,
  approvalPayloadType,
  openStatement,
  signStatement,
} from './approval-statement.ts';
export { cardMarkdown } from './card-markdown.ts';
export {
  approvalVerdict,
  currentDeployment,
  type Deployment,
  type DeploymentRequest,
  deploy,
  type EndpointPlace,
  getDeployment,
  listDeployments,
  listEndpoints,
  type RollbackRequest,
  rollback,
  type VerifiedDeployment,
  verifyDeployment,
} from './deployment.ts';
export {
  type Envelope,
  type Keyring,
  keyringOf,
  openEnvelope,
  preAuthenticationEncoding,
  type Signer,
  type SigningKey,
  signEnvelope,
  statementDigest,
  type WrittenKey,
} from './envelope.ts';
export {
  AlreadyRegistered,
  ApprovalRefused,
  BadRegistration,
  MayNotApprove,
  MovedMeanwhile,
  NotRegistered,
  ProposalClosed,
  RegistryError,
} from './error.ts';
export {
  type BaselineComparison,
  type CardData,
  type CardFacts,
  cardBytes,
  cardDigest,
  type MeasuredMetric,
  type MetricSlice,
  type ModelCard,
  modelCard,
  type PersonalColumn,
} from './model-card.ts';
export type { Page, PageRequest } from './page.ts';
export {
  getProposal,
  latestProposal,
  listProposals,
  type Proposal,
  type ProposalCheck,
  type ProposalDraft,
  type ProposalStatus,
  propose,
} from './proposal.ts';
export { openRegistry, type Registry, type RegistryOptions } from './registry.ts';
export { registryRoots } from './roots.ts';
export {
  addArtifacts,
  finishRun,
  getRun,
  listArtifacts,
  listMetrics,
  listRuns,
  logMetrics,
  type MetricPoint,
  type Run,
  type RunArtifact,
  type RunStart,
  type RunStatus,
  startRun,
} from './run.ts';
export { registrySchema } from './schema.ts';
export {
  type ApprovalCheck,
  type ApprovalFault,
  type ApprovalVerdict,
  type ApproverStanding,
  verifyApproval,
} from './verify-approval.ts';
export {
  type AliasMove,
  aliasVersion,
  amendVersion,
  getVersion,
  listAliases,
  listModels,
  listVersions,
  type Model,
  type ModelVersion,
  moveAlias,
  registerVersion,
  type VersionAmendment,
  type VersionRegistration,
} from './version.ts';
export { type ApprovalState, type VersionApproval, versionApproval } from './version-approval.ts';
export {
  type Change,
  type DescribedVersion,
  diffJson,
  diffVersions,
  type MetricChange,
  type MetricVerdict,
  type VersionDiff,
} from './version-diff.ts';
