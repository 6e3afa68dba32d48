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
