import {
  date,
  float,
  int,
  key,
  oneOf,
  subject,
  table,
  text,
  texts,
  timestamp,
} from '@backlot/data';
import { devices, mediaKindNames } from '@backlot/media';

/** What the simulated store delivers of its catalogue. */
export const storeItems = table(
  'items',
  {
    item: key('item'),
    kind: oneOf([...mediaKindNames]),
    title: text().maxLength(300),
    locale: text().maxLength(35),
    genres: texts().maxItems(10),
    releasedOn: date(),
    provider: text().maxLength(100),
    durationMs: int().min(0),
    origin: text().maxLength(2),
    price: float().min(0),
    currency: text().maxLength(3),
    storefronts: texts().maxItems(250),
  },
  { purposes: ['recommend', 'measure', 'train', 'serve'], primaryKey: ['item'] },
);

/** Who has an account, and where. */
export const storeAccounts = table(
  'accounts',
  {
    account: subject(),
    storefront: text().maxLength(2),
    locale: text().maxLength(35).sensitive('personal'),
    activity: text().maxLength(40).sensitive('personal'),
  },
  { purposes: ['recommend', 'measure', 'train'], primaryKey: ['account'], retentionDays: 400 },
);

/** What people played. */
export const storePlays = table(
  'plays',
  {
    account: subject(),
    item: key('item'),
    playedAt: timestamp().sensitive('personal'),
    msPlayed: int().min(0).sensitive('personal'),
    storefront: text().maxLength(2),
    device: oneOf([...devices]),
  },
  { purposes: ['recommend', 'measure', 'train'], retentionDays: 400 },
);
