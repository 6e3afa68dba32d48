/** A bug: something that cannot be, was. It is never caught to go on. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/** States an invariant. It stays on in production. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new AssertionFailed(invariant);
}

/** The value, which the caller knows to be there. */
export function present<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionFailed(`${what} is absent`);
  return value;
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable value ${String(value)}`);
}
