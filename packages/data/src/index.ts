export { bucketOf } from './bucket.ts';
export { dataSchema } from './catalogue/data-schema.ts';
export {
  type DeliverySummary,
  listDeliveries,
  type PageOptions,
  type QuarantineEntry,
  quarantinePage,
  readDelivery,
} from './catalogue/deliveries.ts';
export {
  type Actor,
  type Publication,
  publishSnapshot,
  registerTable,
} from './catalogue/publish-snapshot.ts';
export { type DeliveryRecord, recordDelivery } from './catalogue/record-delivery.ts';
export { type RetentionFacts, retentionFacts } from './catalogue/record-retention.ts';
export { applyRetention, type RetentionOptions, type RetentionRun } from './catalogue/retention.ts';
export {
  currentSnapshot,
  listTables,
  type QuarantineGroup,
  type SnapshotSummary,
  snapshotHistory,
  type TableDetail,
  type TableSummary,
  tableDetail,
} from './catalogue/tables.ts';
export {
  bool,
  type Column,
  type ColumnData,
  type ColumnKind,
  columnKinds,
  date,
  decimal,
  type EpochUnit,
  float,
  int,
  int64,
  type JsOf,
  type JsValues,
  key,
  type Members,
  numbers,
  oneOf,
  type Sensitivity,
  type Struct,
  subject,
  text,
  texts,
  timestamp,
  type ValueType,
} from './column.ts';
export { columnRules } from './column-rules.ts';
export {
  type Columns,
  type ContractData,
  type Corrections,
  columnType,
  contractData,
  contractDigest,
  type LateRows,
  type NamedColumn,
  parseContract,
  type RowOf,
  retentionColumn,
  type Table,
  type TableOptions,
  table,
} from './contract.ts';
export { type CroissantExport, exportCroissant } from './croissant/export-croissant.ts';
export {
  BadContract,
  BadDocument,
  BadQuery,
  BadRelation,
  ContractChanged,
  EngineFailed,
  RelationUnsupported,
  ResultTooLarge,
  SnapshotConflict,
  SourceChanged,
  TableMissing,
} from './data-error.ts';
export {
  type DeliverOptions,
  type DeliveryOutcome,
  type DeliveryProgress,
  deliver,
} from './deliveries/deliver.ts';
export { type DeliveryLimits, defaultDeliveryLimits } from './deliveries/limits.ts';
export type { QuarantineLine, QuarantineReason } from './deliveries/quarantine.ts';
export {
  type DeliveryMode,
  type DeliveryStatus,
  type Receipt,
  type ReceiptWarning,
  readReceipt,
} from './deliveries/receipt.ts';
export { type RowRule, rowRules, type SourceRule, sourceRules } from './deliveries/rules.ts';
export { readSealedSubjects } from './deliveries/sealed-subjects.ts';
export type { Pseudonyms, SealedSubject, SealSubjects } from './deliveries/subjects.ts';
export type { ContractChange, Effect } from './diff/contract-change.ts';
export { diffContracts } from './diff/diff-contracts.ts';
export { readerOf, type TableReader, touchedBy } from './diff/touched-by.ts';
export { type CompiledRelation, compileDuckDb } from './duckdb/compile.ts';
export {
  type ColumnOptions,
  type ColumnResults,
  type DuckDbEngine,
  type DuckDbOptions,
  type DuckDbWritten,
  openDuckDb,
  type RunOptions,
} from './duckdb/engine.ts';
export {
  type ColumnProfile,
  type ProfileOptions,
  profileSnapshot,
  type SnapshotProfile,
} from './duckdb/profile.ts';
export { querySql, type SqlAnswer, type SqlOptions } from './duckdb/query-sql.ts';
export type { ColumnResult } from './duckdb/result-columns.ts';
export type { DuckDbFile } from './duckdb/write.ts';
export {
  type InferenceOptions,
  type InferredContract,
  inferContract,
} from './inference/infer-contract.ts';
export {
  type ColumnLineage,
  columnLineage,
  type Dependence,
  type SourceColumn,
} from './lineage/column-lineage.ts';
export { BadLineageEvent, LineageFull } from './lineage/lineage-error.ts';
export {
  type LineageGraph,
  type LineageGraphEdge,
  type LineageGraphNode,
  type LineageQuestion,
  readLineage,
} from './lineage/lineage-graph.ts';
export {
  type LineageKind,
  type LineageName,
  nodeId,
  ownNamespace,
} from './lineage/lineage-node.ts';
export { lineageSchema } from './lineage/lineage-schema.ts';
export {
  type DatasetTold,
  type OpenLineageEvent,
  openLineageEvent,
  type RunState,
  type RunTold,
  runUuid,
} from './lineage/open-lineage.ts';
export {
  enqueueEvents,
  type OutboxOptions,
  outboxLimit,
  outboxSize,
  sendOutbox,
} from './lineage/outbox.ts';
export type { ColumnSource, ColumnSources } from './lineage/put-lineage.ts';
export { type Received, receiveEvents } from './lineage/receive-events.ts';
export {
  deliveryLineage,
  type Making,
  type MakingDetails,
  makingsOfRun,
  readMaking,
  recordMaking,
} from './lineage/record-making.ts';
export { contractSource } from './odcs/contract-source.ts';
export { exportOdcs, type OdcsExport } from './odcs/export-odcs.ts';
export { type ImportedOdcs, importOdcs, type OdcsImport } from './odcs/import-odcs.ts';
export type { OdcsDocument } from './odcs/odcs-document.ts';
export { odcsYaml, parseOdcsText } from './odcs/odcs-text.ts';
export { type ColumnDrift, driftBetween } from './profiles/drift.ts';
export type { LanguageShare } from './profiles/language.ts';
export { type ProfilingParts, profileOf } from './profiles/profile-of.ts';
export {
  type CheckOptions,
  checkSnapshot,
  type QualityEngine,
  type QualityReport,
  type RuleResult,
} from './quality/check-snapshot.ts';
export { BadQualityCheck, QualityRefused } from './quality/quality-error.ts';
export { type QualityParts, qualityOf, requireQuality } from './quality/quality-of.ts';
export {
  overrideQuality,
  type QualityOverride,
  readOverride,
  readReport,
} from './quality/reports.ts';
export {
  custom,
  distribution,
  freshness,
  notNull,
  type QualityRule,
  type RuleGiven,
  type RuleKind,
  range,
  references,
  ruleName,
  type Severity,
  unique,
} from './quality/rule.ts';
export { withRules } from './quality/with-rules.ts';
export type { Duration } from './relations/duration.ts';
export { evaluate, type TableRows } from './relations/evaluate.ts';
export { explain } from './relations/explain.ts';
export { Expression, literal, missing, type Operand } from './relations/expression.ts';
export {
  allTrue,
  anyTrue,
  approxDistinct,
  avg,
  bitAndAll,
  bitOrAll,
  bitXorAll,
  count,
  countDistinct,
  countMissing,
  countWhere,
  max,
  min,
  product,
  shareTrue,
  sum,
  weightedAvg,
} from './relations/functions/aggregates.ts';
export {
  collectList,
  collectSet,
  joinText,
  maxBy,
  minBy,
} from './relations/functions/collections.ts';
export {
  between,
  eq,
  gt,
  gte,
  inList,
  lt,
  lte,
  ne,
  same,
} from './relations/functions/comparisons.ts';
export { choose, chooseFrom, coalesce, nullIf } from './relations/functions/conditionals.ts';
export {
  boolToInt,
  readDate,
  readFloat,
  readInt,
  readInt64,
  toDecimal,
  toFloat,
  toInt,
  toInt64,
  toText,
} from './relations/functions/conversions.ts';
export type { Value } from './relations/functions/definition.ts';
export { hashBucket, hashInt, md5, sha256 } from './relations/functions/hashing.ts';
export {
  isJson,
  type JsonPath,
  jsonBool,
  jsonFloat,
  jsonInt,
  jsonLength,
  jsonText,
} from './relations/functions/json.ts';
export {
  dotProduct,
  element,
  joinTexts,
  listAppend,
  listAvg,
  listConcat,
  listContains,
  listDistinct,
  listExcept,
  listIntersect,
  listLength,
  listMax,
  listMin,
  listOf,
  listPosition,
  listRange,
  listReverse,
  listSlice,
  listSort,
  listSortDescending,
  listSum,
  listsOverlap,
  listUnion,
  split,
} from './relations/functions/lists.ts';
export { and, isNull, isTrue, not, or, xor } from './relations/functions/logic.ts';
export {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cos,
  cosh,
  degrees,
  exp,
  ln,
  log2,
  log10,
  power,
  radians,
  sigmoid,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
} from './relations/functions/mathematics.ts';
export type { MeasureOptions } from './relations/functions/measures.ts';
export {
  abs,
  add,
  bitAnd,
  bitCount,
  bitNot,
  bitOr,
  bitXor,
  divide,
  integerDivide,
  isFiniteNumber,
  isNan,
  mod,
  multiply,
  negate,
  remainder,
  sign,
  subtract,
} from './relations/functions/numbers.ts';
export {
  countMatches,
  extract,
  like,
  matches,
  replaceMatches,
} from './relations/functions/patterns.ts';
export { aggregates, functions } from './relations/functions/registry.ts';
export {
  ceil,
  clamp,
  floor,
  greatest,
  least,
  round,
  roundTo,
  truncate,
  widthBucket,
} from './relations/functions/rounding.ts';
export {
  correlation,
  covariancePopulation,
  covarianceSample,
  deviationPopulation,
  deviationSample,
  intercept,
  kurtosis,
  median,
  mode,
  quantile,
  quantileDiscrete,
  skewness,
  slope,
  variancePopulation,
  varianceSample,
} from './relations/functions/statistics.ts';
export { member, struct } from './relations/functions/structs.ts';
export {
  byteLength,
  codePoint,
  concat,
  concatWith,
  contains,
  endsWith,
  isAscii,
  isEmpty,
  left,
  length,
  levenshtein,
  lower,
  occurrences,
  padEnd,
  padStart,
  position,
  repeat,
  replace,
  reverse,
  right,
  splitPart,
  startsWith,
  substring,
  toBase64,
  toHex,
  translate,
  trim,
  trimEnd,
  trimStart,
  upper,
} from './relations/functions/text.ts';
export { timeBucket } from './relations/functions/time-bucket.ts';
export {
  dayOfMonth,
  dayOfYear,
  hourOf,
  isoDayOfWeek,
  isoWeek,
  isoYear,
  microsOfSecond,
  minuteOf,
  monthOf,
  quarterOf,
  secondOf,
  yearOf,
} from './relations/functions/time-parts.ts';
export {
  addDays,
  addMicros,
  addMonths,
  dateTrunc,
  daysBetween,
  epochDays,
  epochMicros,
  formatTime,
  fromEpochDays,
  fromEpochMicros,
  fullYearsBetween,
  lastDayOfMonth,
  makeDate,
  microsBetween,
  monthsBetween,
  type TimeUnit,
  toDate,
  toTimestamp,
  weeksBetween,
} from './relations/functions/times.ts';
export { dateInZone, startOfDayInZone, wallTime } from './relations/functions/zones.ts';
export { Measure } from './relations/measure.ts';
export type {
  Aggregation,
  ExpressionNode,
  JoinHow,
  MeasureNode,
  NamedField,
  Operation,
  Parameters,
  RelationNode,
} from './relations/nodes.ts';
export { evaluateExpression, type Row } from './relations/reference/expression.ts';
export {
  type Field,
  Relation,
  type RelationRow,
  relation,
  type Shape,
  type SortedRelation,
  sqlPair,
  values,
} from './relations/relation.ts';
export {
  type OutputSensitivity,
  outputSensitivity,
  protectedColumns,
} from './relations/sensitivity.ts';
export { inSample, type SampleOptions } from './relations/steps/sample.ts';
export type { SqlTexts } from './relations/steps/sql-pair.ts';
export {
  denseRank,
  type FrameOptions,
  firstOf,
  lag,
  lastOf,
  lead,
  nthOf,
  Over,
  over,
  rank,
  rowNumber,
} from './relations/window.ts';
export { type Manifest, readManifest, type SnapshotFile } from './snapshots/manifest.ts';
export { dataRoots, manifestReferences } from './snapshots/references.ts';
export { openSnapshot, type Snapshot } from './snapshots/snapshot.ts';
export type { Source, SourceCompression, SourceFormat } from './sources/source-bytes.ts';
export type { SparkArgument } from './spark/arguments.ts';
export { type CompiledSparkRelation, compileSpark } from './spark/compile.ts';
export type { SessionIds } from './spark/connection.ts';
export { openSpark, type SparkEngine, type SparkOptions } from './spark/engine.ts';
export {
  type SessionOptions,
  type SparkJournal,
  type SparkOperation,
  SparkSession,
  type SparkSql,
} from './spark/session.ts';
export {
  type QueryContext,
  SparkFailed,
  SparkOperationLost,
  SparkRefused,
  SparkUnreachable,
} from './spark/spark-error.ts';
export type { SparkServer } from './spark/transport.ts';
export type { SparkFile, SparkWriteOptions, SparkWritten } from './spark/write.ts';
export { parseDate, parseTimestamp } from './time.ts';
