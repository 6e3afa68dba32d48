/** The latent directions of taste. Each has a name and serves all media kinds. */
export const genres = [
  'action',
  'adventure',
  'ambient',
  'biography',
  'children',
  'classical',
  'comedy',
  'cooking',
  'crime',
  'documentary',
  'drama',
  'electronic',
  'fantasy',
  'history',
  'horror',
  'jazz',
  'music',
  'mystery',
  'nature',
  'news',
  'romance',
  'science',
  'sport',
  'travel',
] as const;

/** The name of a genre. */
export type Genre = (typeof genres)[number];
