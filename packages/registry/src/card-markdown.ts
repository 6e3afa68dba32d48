import { digestHex } from '@backlot/core';
import type { CardData, MeasuredMetric, MetricSlice, ModelCard } from './model-card.ts';

/** The card as Markdown with front matter, for people and for model hubs. */
export function cardMarkdown(card: ModelCard): string {
  const sections = [
    frontMatter(card),
    `# ${text(card.model)}`,
    `## Intended use\n\n${text(card.intendedUse)}${notFor(card)}`,
    `## Data\n\n${card.data.map(dataLine).join('\n')}`,
    `## Evaluation\n\n${text(card.evaluation.protocol)}\n\n${metricTable('All accounts', card.evaluation.metrics)}`,
    ...sliceSections(card),
    `## Against the baseline\n\n${baselineSection(card)}`,
    `## Privacy\n\n${card.privacyStatement.map(text).join('\n\n')}`,
    `## Size and latency\n\n${sizeSection(card)}`,
    `## Parameters\n\n${parameterSection(card)}`,
    `## Limitations\n\n${list(card.limitations, 'None are named, which does not mean that there are none.')}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function frontMatter({ licence, task, estimator, digest }: ModelCard): string {
  const lines = { license: licence, pipeline_tag: task, estimator, digest };
  const body = Object.entries(lines).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return ['---', ...body, '---'].join('\n');
}

function notFor({ notFor: uses }: ModelCard): string {
  return uses.length === 0 ? '' : `\n\nNot for:\n\n${list(uses, '')}`;
}

function dataLine({ table, snapshot, rows, purposes, licence }: CardData): string {
  const terms = licence === undefined ? 'licence not stated' : `licence ${text(licence)}`;
  const uses = purposes.map(text).join(', ');
  return `- ${text(table)} \`${digestHex(snapshot).slice(0, 12)}\`: ${rows} rows, purposes ${uses}, ${terms}`;
}

function sliceSections({ evaluation }: ModelCard): readonly string[] {
  const dimensions = [...new Set(evaluation.slices.map(({ dimension }) => dimension))];
  const present = dimensions.map((dimension) => {
    const slices = evaluation.slices.filter((slice) => slice.dimension === dimension);
    return `### By ${text(dimension)}\n\n${slices.map(sliceTable).join('\n\n')}`;
  });
  const absent = evaluation.absentSlices.map(
    ({ dimension, reason }) => `### By ${text(dimension)}\n\nAbsent: ${text(reason)}.`,
  );
  return [...present, ...absent];
}

function sliceTable({ value, metrics }: MetricSlice): string {
  return metricTable(value, metrics);
}

function metricTable(title: string, metrics: readonly MeasuredMetric[]): string {
  const rows = metrics.map(
    (metric) =>
      `| ${text(metric.name)} | ${figure(metric.value)} | ${interval(metric)} | ${metric.accounts} |`,
  );
  return [
    `| ${text(title)} | value | interval | accounts |`,
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function interval({ low, high, level }: MeasuredMetric): string {
  if (low === undefined || high === undefined) return 'not computed';
  const share = level === undefined ? '' : ` (${figure(level * 100)}%)`;
  return `${figure(low)} to ${figure(high)}${share}`;
}

function baselineSection({ baseline, comparison }: ModelCard): string {
  if (!baseline) return 'No baseline was evaluated.';
  const rows = comparison.map(
    ({ name, value, baseline: other, difference }) =>
      `| ${text(name)} | ${figure(value)} | ${figure(other)} | ${figure(difference)} |`,
  );
  return [
    `| metric | this model | ${text(baseline.name)} | difference |`,
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

function sizeSection({ bytes, latency }: ModelCard): string {
  const size = `${bytes} bytes.`;
  if (!latency) return `${size} Latency was not measured.`;
  return `${size} p50 ${figure(latency.p50Ms)} ms, p99 ${figure(latency.p99Ms)} ms (${text(latency.measured)}).`;
}

function parameterSection({ estimator, parameters }: ModelCard): string {
  const lines = Object.entries(parameters).map(
    ([name, value]) => `- ${text(name)}: ${text(JSON.stringify(value))}`,
  );
  return [`Estimator ${text(estimator)}.`, ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}

function list(items: readonly string[], otherwise: string): string {
  return items.length === 0 ? otherwise : items.map((item) => `- ${text(item)}`).join('\n');
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Names come from deliveries: no markup of theirs takes effect, no line of theirs begins a block. */
function text(value: string): string {
  return value.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#~]/g, (mark) => `\\${mark}`);
}
