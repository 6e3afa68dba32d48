/** What the server answers, as the pages read it. The contracts in the server package decide. */

export interface Problem {
  readonly code: string;
  readonly reason: string;
  readonly place?: string | undefined;
  readonly mend?: string | undefined;
}

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly level: number;
}

export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

export interface Principal {
  readonly id: string;
  readonly title: string;
  readonly kind: 'person' | 'service' | 'worker';
  readonly roles: readonly string[];
  readonly organisation: string;
  readonly workspace: string;
  readonly project: string;
}

export interface Need {
  readonly kind: 'failed' | 'review' | 'quarantine' | 'refused' | 'stale';
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly at: number;
  readonly dueAt?: number | undefined;
  readonly link: string;
  readonly command: string;
}

export interface Activity {
  readonly pipeline: string;
  readonly runs: readonly {
    readonly run: string;
    readonly state: string;
    readonly startedAt: number;
    readonly endedAt?: number | undefined;
  }[];
}

export interface ProjectCard {
  readonly name: string;
  readonly title: string;
  readonly mediaKind?: string | undefined;
  readonly stage: 'proposal' | 'design' | 'building' | 'review' | 'trial' | 'launched' | 'retired';
  readonly state: string;
  readonly note: string;
}

export interface Home {
  readonly needs: readonly Need[];
  readonly activity: readonly Activity[];
  readonly projects: readonly ProjectCard[];
  readonly counts: {
    readonly runs: number;
    readonly failed: number;
    readonly endpoints: number;
    readonly endpointsWithinTarget: number;
    readonly tables: number;
    readonly models: number;
  };
  readonly now: number;
}

export interface TableSummary {
  readonly name: string;
  readonly columns: number;
  readonly rows: number;
  readonly bytes: number;
  readonly snapshot?: string | undefined;
  readonly at?: number | undefined;
  readonly purposes: readonly string[];
  readonly quarantined: number;
  readonly retentionDays?: number | undefined;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly sensitivity: 'public' | 'internal' | 'personal' | 'pseudonym';
  readonly purposes: readonly string[];
  readonly rules: readonly string[];
}

export interface ColumnProfile {
  readonly name: string;
  readonly nulls: number;
  readonly distinct: number;
  /** Whether `distinct` is counted; else it is estimated. */
  readonly exact: boolean;
  readonly min?: string | number | undefined;
  readonly max?: string | number | undefined;
  readonly quantiles?: readonly number[] | undefined;
  readonly histogram?:
    | { readonly low: number; readonly high: number; readonly counts: readonly number[] }
    | undefined;
  readonly top?: readonly { readonly value: string; readonly rows: number }[] | undefined;
  readonly languages?: readonly { readonly language: string; readonly share: number }[] | undefined;
  readonly drift?:
    | {
        readonly nulls: number;
        readonly psi?: number | undefined;
        readonly ks?: number | undefined;
        readonly top?: number | undefined;
      }
    | undefined;
}

export interface ColumnSource {
  /** The id of the data set's node. */
  readonly dataset: string;
  readonly column: string;
  readonly type: 'DIRECT' | 'INDIRECT';
  readonly subtype: string;
  readonly masking: boolean;
}

export interface LineageNode {
  readonly id: string;
  readonly kind: 'dataset' | 'job';
  readonly namespace: string;
  readonly name: string;
  readonly external: boolean;
  readonly fields: readonly { readonly name: string; readonly type?: string | undefined }[];
  readonly state?: string | undefined;
  readonly at: number;
}

export interface Lineage {
  readonly nodes: readonly LineageNode[];
  readonly edges: readonly {
    readonly source: string;
    readonly target: string;
    readonly columns?:
      | {
          readonly columns: Readonly<Record<string, readonly ColumnSource[]>>;
          readonly rows: readonly ColumnSource[];
        }
      | undefined;
  }[];
  readonly truncated: boolean;
}

export interface Freshness {
  readonly state: 'empty' | 'building' | 'fresh' | 'stale';
  readonly through?: number | undefined;
  readonly builtAt?: number | undefined;
  readonly newestEvent?: number | undefined;
  readonly lagMs?: number | undefined;
  readonly keys: number;
  readonly pushed: number;
}

export interface FeatureViewSummary {
  readonly name: string;
  readonly digest: string;
  readonly entity: string;
  readonly features: number;
  readonly tables: readonly string[];
  readonly purposes: readonly string[];
  readonly freshness: Freshness;
}

export interface FeatureView {
  readonly name: string;
  readonly digest: string;
  readonly entity: { readonly name: string; readonly key: string };
  readonly at: string;
  readonly event: string;
  readonly tables: readonly string[];
  readonly purposes: readonly string[];
  readonly ttlMs?: number | undefined;
  readonly features: readonly {
    readonly name: string;
    readonly type: string;
    readonly aggregate: string;
    readonly column?: string | undefined;
    readonly windowMs?: number | undefined;
    readonly tileMs?: number | undefined;
    readonly error?: string | undefined;
  }[];
  readonly freshness: Freshness;
  readonly command: string;
}

export interface Snapshot {
  readonly digest: string;
  readonly rows: number;
  readonly bytes: number;
  readonly buckets: number;
  readonly at: number;
  readonly delivery: string;
  readonly rowDelta?: number | undefined;
}

export interface Rule {
  readonly name: string;
  readonly state: 'ok' | 'warn' | 'fail';
  readonly broken: number;
  readonly checked: number;
}

export interface QuarantineGroup {
  readonly delivery: string;
  readonly rule: string;
  readonly column: string;
  readonly mend: string;
  readonly firstRow: number;
  readonly example?: string | undefined;
  readonly rows: number;
  readonly at: number;
}

export interface Table {
  readonly name: string;
  readonly contractDigest: string;
  readonly contractVersion: number;
  readonly purposes: readonly string[];
  /** The quality rules, and the newest report on the current snapshot where it was checked. */
  readonly quality: {
    readonly rules: readonly {
      readonly rule: string;
      readonly kind: string;
      readonly severity: 'block' | 'warn';
    }[];
    readonly report?: { readonly at: number; readonly passed: boolean } | undefined;
  };
  readonly retentionDays?: number | undefined;
  readonly columns: readonly Column[];
  readonly profile?: readonly ColumnProfile[] | undefined;
  readonly profileBefore?: readonly ColumnProfile[] | undefined;
  readonly snapshots: readonly Snapshot[];
  readonly retention: {
    readonly days?: number | undefined;
    readonly by?: string | undefined;
    /** Newest first. */
    readonly runs: readonly { readonly at: number; readonly rowsRemoved: number }[];
    /** When the next row is to be removed. */
    readonly nextAt?: number | undefined;
  };
  readonly rules: readonly Rule[];
  readonly quarantine: readonly QuarantineGroup[];
}

export interface QuarantineRow {
  readonly delivery: string;
  readonly row: number;
  readonly column: string;
  readonly rule: string;
  readonly mend: string;
  readonly value?: string | undefined;
}

export interface Delivery {
  readonly id: string;
  readonly table: string;
  readonly status: 'accepted' | 'refused' | 'unchanged';
  readonly provider: string;
  readonly format: string;
  readonly source: string;
  readonly rows: number;
  readonly accepted: number;
  readonly quarantined: number;
  readonly snapshot?: string | undefined;
  readonly receipt: string;
  readonly run?: string | undefined;
  readonly at: number;
  readonly reasons: readonly {
    readonly rule: string;
    readonly column: string;
    readonly rows: number;
    readonly mend: string;
  }[];
}

export type TaskState =
  | 'queued'
  | 'leased'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'skipped'
  | 'upstream_failed';

export type RunState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelling' | 'cancelled';

export interface Artifact {
  readonly name: string;
  readonly kind: string;
  readonly digest: string;
  readonly bytes: number;
}

export interface Attempt {
  readonly attempt: number;
  readonly state: string;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly peakMemory?: number | undefined;
  readonly error?: Problem | undefined;
}

export interface EstimatorParameter {
  readonly name: string;
  readonly summary: string;
  readonly allowed: string;
  readonly default: Json;
}

export interface Estimator {
  readonly kind: string;
  readonly family: string;
  readonly roles: readonly string[];
  readonly summary: string;
  readonly accepts: readonly string[];
  readonly missing: boolean;
  readonly onnx: boolean;
  readonly parameters: readonly EstimatorParameter[];
  /** Bytes that a fit with the defaults may hold beside data of the size below. */
  readonly memory?: number | undefined;
  readonly example: string;
}

export interface Estimators {
  readonly rows: number;
  readonly columns: number;
  readonly estimators: readonly Estimator[];
}

/** What a fit makes smaller, when so much was done. */
export interface LossPoint {
  readonly done: number;
  readonly loss: number;
}

export interface Task {
  readonly id: string;
  readonly task: string;
  readonly state: TaskState;
  readonly upstream: readonly string[];
  readonly attempt: number;
  readonly attempts: readonly Attempt[];
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly progress?:
    | {
        readonly done: number;
        readonly total?: number | undefined;
        readonly unit: string;
        readonly rate?: number | undefined;
        readonly loss?: number | undefined;
        readonly losses?: readonly LossPoint[] | undefined;
      }
    | undefined;
  readonly cache?: { readonly hit: boolean; readonly reason: string } | undefined;
  readonly parameters: Json;
  readonly inputs: readonly Artifact[];
  readonly outputs: readonly Artifact[];
  readonly metrics?: Readonly<Record<string, number>> | undefined;
}

export interface RunSummary {
  readonly id: string;
  readonly pipeline: string;
  readonly plan: string;
  readonly state: RunState;
  readonly by: string;
  readonly createdAt: number;
  readonly startedAt?: number | undefined;
  readonly endedAt?: number | undefined;
  readonly tasks: number;
  readonly done: number;
  readonly error?: Problem | undefined;
}

export interface Run extends RunSummary {
  readonly parameters: Json;
  readonly taskViews: readonly Task[];
  readonly resume?: string | undefined;
}

export interface Pipeline {
  readonly name: string;
  readonly plan?: string | undefined;
  readonly tasks: readonly {
    readonly id: string;
    readonly task: string;
    readonly upstream: readonly string[];
  }[];
  readonly lastRun?: RunSummary | undefined;
}

export interface TaskLog {
  readonly attempt: number;
  readonly text: string;
  readonly next: number;
  readonly ended: boolean;
}

export type ApprovalState =
  | 'none'
  | 'proposed'
  | 'approved'
  | 'refused'
  | 'void'
  | 'expired'
  | 'consumed';

export interface VersionSummary {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly bytes: number;
  readonly at: number;
  readonly run?: string | undefined;
  readonly authors: readonly string[];
  readonly aliases: readonly string[];
  readonly approval: ApprovalState;
  readonly metrics: Readonly<Record<string, number>>;
}

export interface MetricRow {
  readonly metric: string;
  readonly slice: string;
  readonly value: string;
  readonly accounts: number;
  readonly estimate: Estimate;
  readonly baseline?: Estimate | undefined;
  readonly difference?: Estimate | undefined;
}

interface Proposal {
  readonly id: string;
  readonly endpoint: string;
  readonly by: string;
  readonly at: number;
  readonly expiresAt: number;
  readonly binds: readonly { readonly name: string; readonly value: string }[];
  readonly checks: readonly {
    readonly name: string;
    readonly ok: boolean;
    readonly measure: string;
  }[];
}

export interface Version extends VersionSummary {
  readonly estimator: string;
  readonly parameters: Json;
  readonly inputs: readonly {
    readonly name: string;
    readonly digest: string;
    readonly rows?: number | undefined;
  }[];
  readonly evaluation: string;
  readonly card: string;
  readonly code: string;
  readonly cardData: Json;
  readonly cardMarkdown: string;
  readonly baseline?: string | undefined;
  readonly rows: readonly MetricRow[];
  readonly absentSlices: readonly string[];
  readonly privacy: readonly { readonly label: string; readonly text: string }[];
  readonly proposal?: Proposal | undefined;
  readonly decisions: readonly {
    readonly by: string;
    readonly decision: 'approved' | 'refused';
    readonly reason: string;
    readonly at: number;
    readonly key?: string | undefined;
    readonly statement?: string | undefined;
  }[];
  readonly mayApprove: { readonly allowed: boolean; readonly reason?: string | undefined };
  readonly diff?:
    | {
        readonly against: number;
        readonly lines: readonly {
          readonly mark: '-' | '+' | ' ';
          readonly key: string;
          readonly value: string;
        }[];
      }
    | undefined;
}

export interface ModelSummary {
  readonly name: string;
  readonly versions: number;
  readonly latest: VersionSummary;
  readonly production?: VersionSummary | undefined;
}

export interface Deployment {
  readonly id: string;
  readonly endpoint: string;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly approval: string;
  readonly by: string;
  readonly at: number;
  readonly state: 'serving' | 'replaced' | 'refused';
}

export interface EndpointSummary {
  readonly name: string;
  readonly state: 'serving' | 'degraded' | 'stopped';
  readonly deployment?: Deployment | undefined;
  readonly latency: {
    readonly requests: number;
    readonly errors: number;
    readonly p50Ms?: number | undefined;
    readonly p99Ms?: number | undefined;
    readonly limitMs: number;
  };
}

export interface Endpoint extends EndpointSummary {
  readonly storefronts: readonly string[];
  readonly users: number;
  readonly items: number;
  readonly minutes: readonly {
    readonly at: number;
    readonly requests: number;
    readonly errors: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
  }[];
  readonly changes: readonly Deployment[];
  readonly examples: readonly string[];
}

export interface Item {
  readonly rank: number;
  readonly item: string;
  readonly score: number;
  readonly title?: string | undefined;
  readonly mediaKind?: string | undefined;
  readonly genres: readonly string[];
}

export interface Answer {
  readonly prediction: string;
  readonly model: string;
  readonly version: number;
  readonly digest: string;
  readonly items: readonly Item[];
  readonly fallback?: string | undefined;
  readonly ms?: number | undefined;
}

export interface Replay {
  readonly prediction: string;
  readonly at: number;
  readonly digest: string;
  readonly same: boolean;
  readonly items: readonly Item[];
}

export interface Entry {
  readonly position: number;
  readonly at: number;
  readonly workspace: string;
  readonly actor: string;
  readonly action: string;
  readonly resource: string;
  readonly facts: Json;
}

export interface Checkpoint {
  readonly size: number;
  readonly root: string;
  readonly at: number;
  readonly key: string;
  readonly signature: string;
}

export interface Audit {
  readonly entries: readonly Entry[];
  readonly next?: string | undefined;
  readonly size: number;
  readonly checkpoint?: Checkpoint | undefined;
}

export interface EntryDetail {
  readonly entry: Entry;
  readonly bytes: string;
  readonly leaf: string;
  readonly proof?:
    | { readonly size: number; readonly root: string; readonly path: readonly string[] }
    | undefined;
  readonly checkpoint?: Checkpoint | undefined;
}

export interface Verification {
  readonly ok: boolean;
  readonly entries: number;
  readonly checkpoints: number;
  readonly root: string;
  readonly firstBad?: number | undefined;
  readonly reason?: string | undefined;
  readonly ms: number;
}

export interface Token {
  readonly id: string;
  readonly title: string;
  readonly principal: string;
  readonly actions: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revokedAt?: number | undefined;
}
