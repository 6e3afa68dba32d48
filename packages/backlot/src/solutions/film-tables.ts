import { int, key, subject, table, text, texts, timestamp } from '@backlot/data';

/** Films with their genres. */
export const films = table(
  'films',
  {
    film: key('film'),
    title: text().maxLength(400),
    /** Absent where the title names none. */
    year: int().min(1870).max(2100).optional(),
    genres: texts().maxItems(20),
  },
  { purposes: ['recommend', 'measure', 'train', 'serve'], primaryKey: ['film'] },
);

/** Ratings from 0 to 10, as people gave them. */
export const filmRatings = table(
  'ratings',
  {
    account: subject(),
    film: key('film'),
    rating: int().min(0).max(10).sensitive('personal'),
    ratedAt: timestamp({ epoch: 's' }).sensitive('personal'),
  },
  { purposes: ['recommend', 'measure', 'train'], retentionDays: 400 },
);
