/** What the store holds, and what people do with it. */
export const mediaKinds = {
  app: { verb: 'use', medianMinutes: 12, spread: 0.6, paidShare: 0.3, crossesLanguages: 0.8 },
  song: {
    verb: 'listen',
    medianMinutes: 3.4,
    spread: 0.25,
    paidShare: 0.6,
    crossesLanguages: 0.45,
  },
  episode: { verb: 'listen', medianMinutes: 38, spread: 0.5, paidShare: 0, crossesLanguages: 0.05 },
  film: { verb: 'watch', medianMinutes: 104, spread: 0.2, paidShare: 1, crossesLanguages: 0.3 },
  series: { verb: 'watch', medianMinutes: 46, spread: 0.3, paidShare: 0.5, crossesLanguages: 0.3 },
  book: { verb: 'read', medianMinutes: 340, spread: 0.5, paidShare: 0.9, crossesLanguages: 0.03 },
} as const satisfies Readonly<Record<string, MediaKindFacts>>;

/** A kind of media: an app, a song, an episode of a podcast, a film, a television series or a book. */
export type MediaKind = keyof typeof mediaKinds;

/** What holds for a kind. All but the verb are the simulator's assumptions, not measurements. */
export interface MediaKindFacts {
  readonly verb: 'use' | 'listen' | 'watch' | 'read';
  /** The median length of an item (of a session, for an app). */
  readonly medianMinutes: number;
  /** The standard deviation of the logarithm of the length. */
  readonly spread: number;
  /** The share of items that cost something. */
  readonly paidShare: number;
  /** How readily a person takes an item in another language, next to one in the own. */
  readonly crossesLanguages: number;
}

/** The kinds in their fixed order. */
export const mediaKindNames: readonly MediaKind[] = Object.keys(mediaKinds) as MediaKind[];

/** Whether a text names a media kind. */
export function isMediaKind(text: unknown): text is MediaKind {
  return typeof text === 'string' && Object.hasOwn(mediaKinds, text);
}
