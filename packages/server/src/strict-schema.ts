import * as z from 'zod';

/**
 * The place of the first object schema that would let an unknown field through (or drop it in
 * silence), or `undefined`. Unknown fields are refused at every depth, so that a misspelt option is
 * an error and nothing unvalidated reaches a handler.
 */
export function findLooseObject(schema: z.ZodType, place: string): string | undefined {
  return search(schema, place, new Set());
}

function search(schema: z.core.$ZodType, place: string, seen: Set<unknown>): string | undefined {
  if (seen.has(schema)) return undefined;
  seen.add(schema);
  if (schema instanceof z.ZodObject) {
    const { catchall } = schema._zod.def;
    if (!(catchall instanceof z.ZodNever)) return place;
  }
  for (const [name, child] of children(schema)) {
    const found = search(child, `${place}${name}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function children(schema: z.core.$ZodType): readonly (readonly [string, z.core.$ZodType])[] {
  const def = schema._zod.def as unknown as Record<string, unknown>;
  const found: (readonly [string, z.core.$ZodType])[] = [];
  for (const [key, value] of Object.entries(def)) {
    if (key === 'getter' && typeof value === 'function') found.push(['', value()]);
    else if (isSchema(value)) found.push([key === 'element' ? '[]' : '', value]);
    else if (Array.isArray(value))
      found.push(...value.filter(isSchema).map((item) => ['', item] as const));
    else if (key === 'shape') found.push(...shapeOf(value));
  }
  return found;
}

function shapeOf(shape: unknown): readonly (readonly [string, z.core.$ZodType])[] {
  return Object.entries(shape as Record<string, z.core.$ZodType>).map(
    ([name, field]) => [`.${name}`, field] as const,
  );
}

function isSchema(value: unknown): value is z.core.$ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value;
}
