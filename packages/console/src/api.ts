import type {
  Answer,
  Audit,
  Delivery,
  Endpoint,
  EndpointSummary,
  EntryDetail,
  Estimators,
  FeatureView,
  FeatureViewSummary,
  Home,
  Lineage,
  ModelSummary,
  Pipeline,
  Principal,
  Problem,
  QuarantineRow,
  Replay,
  Run,
  RunSummary,
  Table,
  TableSummary,
  TaskLog,
  Token,
  Verification,
  Version,
  VersionSummary,
} from './api-types.ts';

/** A request that the server refused or that never reached it, with the code, reason and mend. */
export class RequestFailed extends Error {
  readonly problem: Problem;
  /** The HTTP status, 0 when there was no answer. */
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(`${problem.code} ${problem.reason}`);
    this.name = 'RequestFailed';
    this.problem = problem;
    this.status = status;
  }
}

const base = '/api/v1';
const part = encodeURIComponent;

type Query = Readonly<Record<string, string | number | undefined>>;

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(key, String(value));
  }
  return search.size === 0 ? path : `${path}?${search}`;
}

/** Unsafe methods carry a header that no other site's form can send. */
async function request<Result>(method: string, path: string, body?: unknown): Promise<Result> {
  const response = await fetch(`${base}${path}`, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      ...(method !== 'GET' && { 'x-backlot': '1' }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((cause: unknown) => {
    throw new RequestFailed({ code: 'E-CONSOLE-001', reason: String(cause) }, 0);
  });
  const text = await response.text();
  if (!response.ok) throw new RequestFailed(problemOf(text, response), response.status);
  return JSON.parse(text) as Result;
}

function problemOf(text: string, response: Response): Problem {
  try {
    const answer = JSON.parse(text) as Partial<Problem> & { error?: Partial<Problem> };
    const found = typeof answer.code === 'string' ? answer : answer.error;
    if (found?.code && found.reason) return found as Problem;
  } catch {
    // An answer that is no JSON, such as a proxy's page, is told by its status alone.
  }
  return { code: `E-HTTP-${response.status}`, reason: response.statusText || 'no reason given' };
}

const get = <Result>(path: string, query: Query = {}): Promise<Result> =>
  request<Result>('GET', withQuery(path, query));
const post = <Result>(path: string, body: unknown = {}): Promise<Result> =>
  request<Result>('POST', path, body);

/** The calls that the pages make; nothing else in the console speaks to the server. */
export const api = {
  openSession: (code: string) => post<{ readonly principal: Principal }>('/session', { code }),
  closeSession: () => request<{ readonly closed: boolean }>('DELETE', '/session'),
  whoAmI: () => get<{ readonly principal: Principal; readonly version: string }>('/me'),
  home: () => get<Home>('/home'),
  tables: () => get<{ readonly tables: readonly TableSummary[] }>('/tables'),
  table: (table: string) => get<Table>(`/tables/${part(table)}`),
  quarantine: (table: string, query: { delivery?: string; limit?: number }) =>
    get<{ readonly rows: readonly QuarantineRow[] }>(`/tables/${part(table)}/quarantine`, query),
  deliveries: (query: { table?: string; after?: string }) =>
    get<{ readonly deliveries: readonly Delivery[]; readonly next?: string }>('/deliveries', query),
  /** Around a node, or everything without one. */
  lineage: (query: {
    readonly node?: string;
    readonly up?: string;
    readonly down?: string;
    readonly limit: number;
    readonly columns: 'yes' | 'no';
  }) => get<Lineage>('/lineage', query),
  features: () => get<{ readonly views: readonly FeatureViewSummary[] }>('/features'),
  featureView: (view: string) => get<FeatureView>(`/features/${part(view)}`),
  pipelines: () => get<{ readonly pipelines: readonly Pipeline[] }>('/pipelines'),
  startRun: (pipeline: string) =>
    post<{ readonly run: string }>(`/pipelines/${part(pipeline)}/runs`, { parameters: {} }),
  runs: (query: { pipeline?: string; state?: string; after?: string; limit?: number }) =>
    get<{ readonly runs: readonly RunSummary[]; readonly next?: string }>('/runs', query),
  run: (run: string) => get<Run>(`/runs/${part(run)}`),
  cancelRun: (run: string) => post<RunSummary>(`/runs/${part(run)}/cancel`),
  resumeRun: (run: string) => post<RunSummary>(`/runs/${part(run)}/resume`),
  taskLog: (run: string, task: string, query: { attempt?: number; from: number }) =>
    get<TaskLog>(`/runs/${part(run)}/tasks/${part(task)}/log`, query),
  models: () => get<{ readonly models: readonly ModelSummary[] }>('/models'),
  versions: (model: string) =>
    get<{ readonly model: string; readonly versions: readonly VersionSummary[] }>(
      `/models/${part(model)}`,
    ),
  version: (model: string, version: number) =>
    get<Version>(`/models/${part(model)}/versions/${version}`),
  /** What is signed is the version as it was shown: the server refuses when it has moved meanwhile. */
  decide: (shown: Version, decision: 'approve' | 'refuse', reason: string) => {
    const { model, version, digest, evaluation, card } = shown;
    return post<{ readonly approval: string }>(
      `/models/${part(model)}/versions/${version}/decisions`,
      { decision, reason, seen: { digest, evaluation, card } },
    );
  },
  /** What each estimator declares; its memory is that of so many rows and columns. */
  estimators: (query: {
    readonly rows?: string | undefined;
    readonly columns?: string | undefined;
  }) => get<Estimators>('/estimators', query),
  endpoints: () => get<{ readonly endpoints: readonly EndpointSummary[] }>('/endpoints'),
  endpoint: (endpoint: string) => get<Endpoint>(`/endpoints/${part(endpoint)}`),
  recommend: (endpoint: string, question: RecommendQuestion) =>
    post<Answer>(`/endpoints/${part(endpoint)}/recommend`, question),
  replay: (prediction: string) => post<Replay>(`/predictions/${part(prediction)}/replay`),
  audit: (query: { actor?: string; action?: string; resource?: string; after?: string }) =>
    get<Audit>('/audit', query),
  auditEntry: (position: number) => get<EntryDetail>(`/audit/${position}`),
  verifyAudit: () => post<Verification>('/audit/verify'),
  tokens: () => get<{ readonly tokens: readonly Token[] }>('/tokens'),
};

interface RecommendQuestion {
  readonly account?: string;
  readonly pseudonym?: string;
  readonly k: number;
  readonly excludeSeen: boolean;
  readonly storefront?: string;
}

/** Follows a run by server-sent events; the answer ends it. */
export function watchRun(
  run: string,
  onRun: (run: Run) => void,
  onState: (connected: boolean) => void,
): () => void {
  const source = new EventSource(`${base}/runs/${part(run)}/events`);
  const read = (event: MessageEvent<string>): void => {
    onState(true);
    onRun(JSON.parse(event.data) as Run);
  };
  source.onmessage = read;
  // Servers may name the event after the contract; both forms carry the whole run.
  source.addEventListener('run', read as (event: Event) => void);
  source.onopen = () => onState(true);
  source.onerror = () => onState(false);
  return () => source.close();
}
