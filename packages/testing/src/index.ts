export type { DataLoss, Loss } from './disk-loss.ts';
export {
  type CrashProtocol,
  type CrashReport,
  enumerateCrashes,
  type History,
  type World,
} from './enumerate-crashes.ts';
export { filesSuite } from './files-suite.ts';
export { integrationPart } from './integration.ts';
export { type MetadataPlace, type MetadataSuiteOptions, metadataSuite } from './metadata-suite.ts';
export { type MotoServer, noMoto, startMoto } from './moto-server.ts';
export { type ObjectsPlace, type ObjectsSuiteOptions, objectsSuite } from './objects-suite.ts';
export { noPostgres, type PostgresServer, startPostgres } from './postgres-server.ts';
export {
  type SimulatedClock,
  type SimulatedClockOptions,
  simulatedClock,
} from './simulated-clock.ts';
export {
  type FaultCode,
  SimulatedCrash,
  type SimulatedDisk,
  type SimulatedDiskOptions,
  simulatedDisk,
} from './simulated-disk.ts';
export {
  noSpark,
  type OwnSparkServer,
  type SparkServerOptions,
  type SparkTestServer,
  sparkEnvironment,
  sparkTestServer,
  startSparkServer,
} from './spark-server.ts';
