import { canonicalJson, type Json } from '@backlot/core';
import type * as z from 'zod';

/** JSON as a contract takes it: a copy of its own, since a contract's arrays are not read-only. */
export function shownJson(value: unknown): z.core.util.JSONType {
  return JSON.parse(canonicalJson(value as Json)) as z.core.util.JSONType;
}
