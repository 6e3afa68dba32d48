import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { nodeId } from '@backlot/data';
import { integrationPart } from '@backlot/testing';
import { tenantsWorld } from './handlers.fixture.ts';

const part = integrationPart('openlineage');

/** Written as its documentation says, with nothing of ours but the address and the key. */
const program = `
import datetime, sys
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Dataset, InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset, output_statistics_output_dataset, schema_dataset
from openlineage.client.uuid import generate_new_uuid

client = OpenLineageClient()
run = Run(runId=str(generate_new_uuid()))
job = Job(namespace='airflow', name='dag.clean')
raw = InputDataset(namespace='s3://lake', name='raw', facets={
    'schema': schema_dataset.SchemaDatasetFacet(
        fields=[schema_dataset.SchemaDatasetFacetFields(name='sku', type='VARCHAR')])})
lineage = column_lineage_dataset.ColumnLineageDatasetFacet(fields={
    'item': column_lineage_dataset.Fields(inputFields=[column_lineage_dataset.InputField(
        namespace='s3://lake', name='raw', field='sku',
        transformations=[column_lineage_dataset.Transformation(type='DIRECT', subtype='IDENTITY')])],
        transformationDescription='', transformationType='')})
out = OutputDataset(namespace=sys.argv[1], name=sys.argv[2], facets={'columnLineage': lineage},
    outputFacets={'outputStatistics': output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
        rowCount=3, size=4)})
for state, outputs in ((RunState.START, []), (RunState.COMPLETE, [out])):
    client.emit(RunEvent(
        eventType=state, eventTime=datetime.datetime.now(datetime.timezone.utc).isoformat(),
        run=run, job=job, inputs=[raw], outputs=outputs, producer='https://example.com/dag'))
client.close()
`;

test("the official client posts to the server, and joins one of the server's own tables", {
  skip: typeof part === 'string' ? false : part.missing,
}, async (t) => {
  if (typeof part !== 'string') return;
  const { listener, tenants } = await tenantsWorld(t);
  const address = await listener.listen();
  t.after(() => listener.close({ graceMs: 100 }));
  const { api, tokens, ids } = tenants.store;
  const post = (token: string) =>
    promisify(execFile)(join(part, 'bin/python'), ['-c', program, 'backlot://store', ids.table], {
      env: { OPENLINEAGE_URL: address, OPENLINEAGE_API_KEY: token },
      timeout: 60_000,
    });
  await post(tokens.author);
  const plays = nodeId('dataset', { namespace: 'backlot://store', name: ids.table });
  const query = { node: plays, up: 2, down: 0, columns: 'yes' as const };
  const { nodes, edges } = await api.approver.readLineage({ query });
  const job = nodes.find(({ name }) => name === 'dag.clean');
  assert.deepEqual([job?.namespace, job?.state, job?.external], ['airflow', 'COMPLETE', true]);
  const raw = nodes.find(({ namespace }) => namespace === 's3://lake');
  assert.deepEqual(raw?.fields, [{ name: 'sku', type: 'VARCHAR' }]);
  const made = edges.find(({ source, target }) => source === job?.id && target === plays);
  assert.equal(made?.columns?.columns.item?.[0]?.column, 'sku');
  // Who may not send is told so by the client.
  await assert.rejects(post(tokens.approver.slice(0, -1)), /401/);
});
