import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asAnn, fixture, fixtureRoutes } from './listener.fixture.ts';
import { Metrics } from './metrics.ts';
import { metricsRoute } from './metrics-route.ts';

test('counters, gauges and histograms are OpenMetrics text', () => {
  const metrics = new Metrics();
  const answers = metrics.counter('answers', 'Given "so"\nfar', ['endpoint']);
  answers.add({ endpoint: 'a"\\\n' });
  answers.add({ endpoint: 'a"\\\n' }, 2);
  metrics.gauge('held', 'Held now', () => 7);
  const seconds = metrics.histogram('seconds', 'Time', [], [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 3]) seconds.observe({}, value);
  assert.equal(
    metrics.text(),
    [
      '# TYPE answers counter',
      '# HELP answers Given \\"so\\"\\nfar',
      'answers_total{endpoint="a\\"\\\\\\n"} 3',
      '# TYPE held gauge',
      '# HELP held Held now',
      'held 7',
      '# TYPE seconds histogram',
      '# HELP seconds Time',
      'seconds_bucket{le="0.1"} 2',
      'seconds_bucket{le="1"} 3',
      'seconds_bucket{le="+Inf"} 4',
      'seconds_sum 3.65',
      'seconds_count 4',
      '# EOF',
      '',
    ].join('\n'),
  );
});

test('a quantile lies in the bucket that holds it', () => {
  const seconds = new Metrics().histogram('s', 'S', ['route'], [1, 2, 4]);
  assert.equal(seconds.quantile(0.5), undefined);
  for (let at = 0; at < 100; at++)
    seconds.observe({ route: at < 90 ? 'a' : 'b' }, at < 90 ? 1.5 : 3);
  assert.equal(seconds.quantile(0.45), 1.5);
  assert.equal(seconds.quantile(0.95), 3);
  assert.equal(seconds.quantile(0.5, { route: 'b' }), 3);
  assert.equal(seconds.count({ route: 'a' }), 90);
  seconds.observe({ route: 'c' }, 99);
  assert.equal(seconds.quantile(1, { route: 'c' }), 4);
});

test('label values beyond the bound are counted together', () => {
  const metrics = new Metrics();
  const counter = metrics.counter('c', 'C', ['id']);
  for (let at = 0; at < 1_000; at++) counter.add({ id: String(at) });
  const lines = metrics
    .text()
    .split('\n')
    .filter((line) => line.startsWith('c_total'));
  assert.equal(lines.length, 257);
  assert.equal(lines.at(-1), 'c_total{id="other"} 744');
  assert.throws(() => counter.add({ id: 'a' }, -1), RangeError);
  assert.throws(() => counter.add({ id: 'a' }, Number.NaN), RangeError);
  assert.throws(() => metrics.counter('c', 'C', []), TypeError);
});

test('the listener counts its answers, and shows them only to whoever may see them', async () => {
  const metrics = new Metrics();
  const seen = { bodies: [], params: [], streamsEnded: 0 };
  const routes = [...fixtureRoutes(seen), metricsRoute(metrics)];
  const { listener } = fixture({ routes, metrics });
  await listener.inner.inject({ url: '/api/v1/models/a', headers: asAnn });
  const refused = await listener.inner.inject({ url: '/metrics', headers: { host: asAnn.host } });
  assert.equal(refused.statusCode, 401);
  const shown = await listener.inner.inject({ url: '/metrics', headers: asAnn });
  assert.match(String(shown.headers['content-type']), /openmetrics-text/);
  assert.match(shown.body, /answers_total\{route="models.read",method="GET",status="200"\} 1\n/);
  assert.match(shown.body, /answers_total\{route="metrics.read",method="GET",status="401"\} 1\n/);
});
