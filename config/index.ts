export { knownVariables, type LogLevel } from './environment.ts';
export { ConfigError, type ConfigErrorCode, type Fault } from './errors.ts';
export { type JsonSchema, jsonSchema, optionPaths } from './json-schema.ts';
export { type Config, type LoadOptions, loadConfig } from './load.ts';
export { createLogger, type LoggerOptions } from './logger.ts';
export { ownSteps, refuseFaults } from './own-steps.ts';
export {
  type KickoffPolicy,
  kickoffPolicySchema,
  type Step,
  type StepList,
  type VirtualClock,
} from './policy.ts';
export type { Requirement } from './requirements.ts';
export { type FileConfig, fileSchema } from './schema.ts';
export type { TemporalConfig } from './temporal.ts';
export {
  assemblyOf,
  type KickoffRules,
  ownOptions,
  policyOf,
  type Workstreams,
  workstreamsWithDeal,
} from './workstreams.ts';
