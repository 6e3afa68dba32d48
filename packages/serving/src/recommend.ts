import type { RecommenderBundle } from './bundle.ts';
import { BadRequest } from './error.ts';
import type { AnswerBasis, PredictionRequest } from './prediction-record.ts';
import type { Ranking, Scorer } from './scorer.ts';
import { topItems } from './top-items.ts';

/** A question to an endpoint. */
export interface RecommendRequest {
  /** The account's pseudonym, 32 to 64 hexadecimal digits; a raw account is refused. */
  readonly account?: string;
  /** Keys of items the person chose; used when the account is not in the model. At most 1,000. */
  readonly history?: readonly string[];
  /** 1 to 200; 10 when absent. */
  readonly k?: number;
  /** Leaves out what the account has seen and what the history names; `true` when absent. */
  readonly excludeSeen?: boolean;
  /** Only items that may be shown there. */
  readonly storefront?: string;
  /** For the titles, such as `ja` or `pt-BR`. */
  readonly locale?: string;
}

/** A model in memory. */
export interface OpenModel {
  readonly bundle: RecommenderBundle;
  readonly scorer: Scorer;
}

export interface RankedAnswer {
  readonly basis: AnswerBasis;
  readonly ranking: Ranking;
}

const pseudonym = /^[0-9a-f]{32,64}$/;
const localePattern = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;
const maxHistory = 1_000;
const maxKeyLength = 200;
const maxK = 200;

/** The request with its defaults, checked against the limits; what is logged and replayed. */
export function readRequest(request: RecommendRequest): PredictionRequest {
  const { account, history, k = 10, excludeSeen = true, storefront, locale } = request;
  if (account !== undefined && !pseudonym.test(account)) {
    throw new BadRequest('the account is not a pseudonym (32 to 64 hexadecimal digits)', 'account');
  }
  if (!Number.isInteger(k) || k < 1 || k > maxK) {
    throw new BadRequest(`k is ${k}, 1 to ${maxK} are allowed`, 'k');
  }
  if (history !== undefined) checkHistory(history);
  if (locale !== undefined && !localePattern.test(locale)) {
    throw new BadRequest('the locale is not a language tag', 'locale');
  }
  return {
    ...{ k, excludeSeen },
    ...(account !== undefined && { account }),
    ...(history !== undefined && { history: [...history] }),
    ...(storefront !== undefined && { storefront }),
    ...(locale !== undefined && { locale }),
  };
}

function checkHistory(history: readonly string[]): void {
  if (history.length > maxHistory) {
    throw new BadRequest(
      `${history.length} items of history, at most ${maxHistory} are allowed`,
      'history',
    );
  }
  if (!history.every((key) => key.length > 0 && key.length <= maxKeyLength && key.isWellFormed())) {
    throw new BadRequest(`an item key has 1 to ${maxKeyLength} characters`, 'history');
  }
}

/**
 * Ranks items for a request. It depends on the model and the request alone, so the same two give
 * the same answer, now and in replay. Someone the model does not know gets scores from their
 * history; without one, what is popular in the storefront, or everywhere.
 */
export async function rank(
  { bundle, scorer }: OpenModel,
  request: PredictionRequest,
): Promise<RankedAnswer> {
  const storefront = storefrontOf(bundle, request);
  const user = request.account === undefined ? undefined : bundle.userNumbers.get(request.account);
  const history = historyOf(bundle, request);
  const basis = basisOf(bundle, user, history, storefront);
  const limits = {
    k: request.k,
    exclude: request.excludeSeen ? seenBy(bundle, user, history) : new Set<number>(),
    ...(storefront !== undefined && { candidates: bundle.catalogue.available(storefront) }),
  };
  if (basis === 'account') return { basis, ranking: await scorer.rank({ user: user! }, limits) };
  if (basis === 'history') return { basis, ranking: await scorer.rank({ history }, limits) };
  const counts = basis === 'popularity' ? bundle.popularity : localPopularity(bundle, storefront!);
  const { k, exclude, candidates } = limits;
  const allowed = (item: number): boolean => !exclude.has(item) && candidates?.[item] !== 0;
  return { basis, ranking: topItems(counts, k, allowed) };
}

function storefrontOf(
  bundle: RecommenderBundle,
  { storefront }: PredictionRequest,
): number | undefined {
  if (storefront === undefined) return undefined;
  const number = bundle.catalogue.storefront(storefront);
  if (number !== undefined) return number;
  const { length } = bundle.storefronts;
  const known =
    length === 0 ? 'this model knows no storefronts' : `this model knows ${length} others`;
  throw new BadRequest(`the storefront is not known: ${known}`, 'storefront');
}

/** The known items of the history, ascending, each once. */
function historyOf(bundle: RecommenderBundle, { history = [] }: PredictionRequest): Int32Array {
  const numbers = history.flatMap((key) => bundle.itemNumbers.get(key) ?? []);
  return Int32Array.from(new Set(numbers)).sort();
}

function basisOf(
  bundle: RecommenderBundle,
  user: number | undefined,
  history: Int32Array,
  storefront: number | undefined,
): AnswerBasis {
  if (user !== undefined) return 'account';
  if (history.length > 0) return 'history';
  const { offsets } = bundle.storefrontPopularity;
  const local = storefront !== undefined && offsets[storefront]! < offsets[storefront + 1]!;
  return local ? 'storefront-popularity' : 'popularity';
}

function localPopularity(bundle: RecommenderBundle, storefront: number): Float32Array {
  const { offsets, indices, weights } = bundle.storefrontPopularity;
  const scores = new Float32Array(bundle.items.length);
  for (let at = offsets[storefront]!; at < offsets[storefront + 1]!; at++) {
    scores[indices[at]!] = weights?.[at] ?? 1;
  }
  return scores;
}

function seenBy(
  { seen }: RecommenderBundle,
  user: number | undefined,
  history: Int32Array,
): ReadonlySet<number> {
  const row =
    user === undefined
      ? new Int32Array()
      : seen.indices.subarray(seen.offsets[user]!, seen.offsets[user + 1]!);
  return new Set([...row, ...history]);
}
