import type { Principal } from '@backlot/access';
import type * as z from 'zod';
import type { AnyContract, Contract, Permission, StreamEvent, StreamKind } from './contract.ts';
import type { Resource, Scope } from './principal.ts';

/** A contract with what answers it. */
export interface Route {
  readonly contract: AnyContract;
  readonly handle: (context: RouteContext) => unknown;
}

/** All that a handler knows of a request: parsed, validated, authorised. */
export interface RouteContext<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType | 'bytes' = z.ZodType,
  A = Permission,
> {
  /** Who asks; absent on an open route alone. */
  readonly principal: A extends 'open' ? undefined : Principal;
  /** The tenant, from the principal alone. */
  readonly scope: A extends 'open' ? undefined : Scope;
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  /** The parsed body; the bytes as they come, where the contract says `'bytes'`. */
  readonly body: B extends z.ZodType ? z.output<B> : AsyncIterable<Uint8Array>;
  readonly request: RequestFacts;
  /**
   * Asks the policies again, for an id found inside the body or behind a row; throws `Forbidden`.
   * The action is the contract's own unless another is named.
   */
  authorize(resource: Resource, action?: string): Promise<void>;
}

export interface RequestFacts {
  readonly id: string;
  /** Fires when the client leaves, the time limit passes, or the server shuts down. */
  readonly signal: AbortSignal;
  readonly ip?: string;
  /** Where a broken stream of events goes on from. */
  readonly lastEventId?: string;
  readonly session: SessionCookie;
}

/** The browser's session cookie, which only these two calls change. */
export interface SessionCookie {
  set(secret: string, maxAgeSeconds: number): void;
  clear(): void;
}

/** Bytes as an answer; always sent as a download in a sandbox, never shown in the page's origin. */
export interface ByteReply {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly length?: number;
  readonly fileName?: string;
}

/** What a handler of each kind of stream returns. */
export type Reply<R extends z.ZodType, S extends StreamKind> = S extends 'events'
  ? AsyncIterable<StreamEvent<z.input<R>>>
  : S extends 'text'
    ? string
    : S extends 'bytes'
      ? ByteReply
      : z.input<R>;

/**
 * Joins a contract and its handler. This is the only way to a route.
 *
 * @example
 * const route_ = route(readModel, async ({ scope, params }) => registry.read(scope, params.model));
 */
export function route<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType | 'bytes',
  R extends z.ZodType,
  S extends StreamKind,
  A extends 'open' | Permission<P, Q>,
>(
  contract: Contract<P, Q, B, R, S, A>,
  handler: (context: RouteContext<P, Q, B, A>) => Reply<R, S> | Promise<Reply<R, S>>,
): Route {
  return Object.freeze({
    contract: contract as AnyContract,
    handle: handler as unknown as Route['handle'],
  });
}
