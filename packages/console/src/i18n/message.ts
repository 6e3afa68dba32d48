/** A message: a template with `{name}` places, or one template for each plural category. */
export type Message = string | PluralMessage;

/** Chosen by the place `count`; `other` is what every language has. */
type PluralMessage = { readonly other: string } & {
  readonly [category in Exclude<Intl.LDMLPluralRule, 'other'>]?: string;
};

/** A piece of a template: literal text, or the name of a place. */
type Piece = { readonly text: string } | { readonly place: string };

const parsed = new Map<string, readonly Piece[]>();

/** Splits a template into its pieces; each template is parsed once. */
export function piecesOf(template: string): readonly Piece[] {
  const known = parsed.get(template);
  if (known) return known;
  const pieces = template
    .split(/(\{[a-zA-Z][a-zA-Z0-9]*\})/)
    .filter((part) => part !== '')
    .map((part) => (part.startsWith('{') ? { place: part.slice(1, -1) } : { text: part }));
  parsed.set(template, pieces);
  return pieces;
}

/**
 * The template that fits a count in a language; a message without plurals fits every count.
 * A message may say nothing in its own words, also in a language whose plurals know no zero.
 */
export function templateFor(
  message: Message,
  rules: Intl.PluralRules,
  count: number | undefined,
): string {
  if (typeof message === 'string') return message;
  if (count === 0 && message.zero !== undefined) return message.zero;
  return message[rules.select(count ?? 0)] ?? message.other;
}
