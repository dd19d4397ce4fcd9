export type { WorkerErrorCode } from './errors.ts';
export { installRuntime, type RuntimeOptions, temporalLogger } from './runtime.ts';
export { type CreateWorkersOptions, createWorkers, type Workers } from './workers.ts';
