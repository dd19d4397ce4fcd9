export {
  knownVariables,
  LOG_LEVELS,
  type LogLevel,
  SECRET_VARIABLES,
  type VariableName,
} from './environment.ts';
export { ConfigError, type ConfigErrorCode, type Fault } from './errors.ts';
export { type JsonSchema, jsonSchema, optionPaths } from './json-schema.ts';
export { type Config, type LoadOptions, loadConfig } from './load.ts';
export { createLogger, type LoggerOptions } from './logger.ts';
export {
  type KickoffPolicy,
  kickoffPolicySchema,
  STEP_LISTS,
  type Step,
  type StepList,
  stepSchema,
  type VirtualClock,
  virtualClockSchema,
} from './policy.ts';
export type { Requirement } from './requirements.ts';
export { type FileConfig, fileSchema } from './schema.ts';
export { DEFAULT_TEMPORAL_ADDRESS, type TemporalConfig } from './temporal.ts';
