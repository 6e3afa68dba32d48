import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { integrationPart } from '@backlot/testing';
import { tenantsWorld } from '../handlers/handlers.fixture.ts';

const part = integrationPart('feast');

/** Written as Feast's documentation says; nothing of ours but the names, the address and the token. */
const program = `
import sys
from datetime import datetime, timedelta, timezone
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, PushSource, RepoConfig
from feast.types import Int64, String
from feast.value_type import ValueType

address, token, view = sys.argv[1:4]
def open_store(token):
    return FeatureStore(config=RepoConfig(
        project='films', provider='local', registry='registry.db', entity_key_serialization_version=3,
        online_store={'type': 'remote', 'path': address}, auth={'type': 'oidc', 'token': token}))

store = open_store(token)
account = Entity(name='account', join_keys=['account'], value_type=ValueType.STRING)
pd.DataFrame({'account': ['a'], 'lastMs': [1], 'plays7d': [1], 'play': ['p'],
    'event_timestamp': [datetime.now(timezone.utc)]}).to_parquet('plays.parquet')
batch = FileSource(path='plays.parquet', timestamp_field='event_timestamp')
source = PushSource(name=view, batch_source=batch)
listening = FeatureView(name=view, entities=[account], ttl=timedelta(days=7), online=True, source=source,
    schema=[Field(name='account', dtype=String), Field(name='lastMs', dtype=Int64),
            Field(name='plays7d', dtype=Int64), Field(name='play', dtype=String)])
store.apply([account, listening])

now = datetime.now(timezone.utc)
store.push(view, pd.DataFrame({'account': ['ana', 'ana', 'bo'], 'lastMs': [7, 8, 9], 'plays7d': [0, 0, 0],
    'play': ['p1', 'p2', 'p3'], 'event_timestamp': [now - timedelta(hours=2), now - timedelta(hours=1), now]}))
answer = store.get_online_features(
    features=[f'{view}:lastMs', f'{view}:plays7d'],
    entity_rows=[{'account': 'ana'}, {'account': 'bo'}, {'account': 'nobody'}]).to_dict()
assert answer == {'account': ['ana', 'bo', 'nobody'], 'lastMs': [8, 9, None], 'plays7d': [2, 1, 0]}, answer

from feast.permissions.client.http_auth_requests_wrapper import HttpSessionManager
HttpSessionManager.close_session()
try:
    open_store(token + 'x').get_online_features(
        features=[f'{view}:lastMs'], entity_rows=[{'account': 'ana'}])
    sys.exit('a token that is not known opened the store')
except Exception as error:
    assert '401' in str(error), error
print('answered and refused')
`;

test('the remote online store of Feast pushes to the server and reads what it pushed', {
  skip: typeof part === 'string' ? false : part.missing,
}, async (t) => {
  if (typeof part !== 'string') return;
  const { listener, tenants } = await tenantsWorld(t);
  const address = await listener.listen();
  const folder = await mkdtemp(join(tmpdir(), 'backlot-feast-'));
  t.after(async () => {
    await listener.close({ graceMs: 100 });
    await rm(folder, { recursive: true, force: true });
  });
  const { tokens, ids } = tenants.store;
  const told = await promisify(execFile)(
    join(part, 'bin/python'),
    ['-c', program, address, tokens.author, ids.view],
    {
      ...{ cwd: folder, timeout: 120_000 },
      env: { FEAST_USAGE: 'False', HOME: folder, PATH: '/usr/bin:/bin' },
    },
  );
  assert.match(told.stdout, /answered and refused/);
});
