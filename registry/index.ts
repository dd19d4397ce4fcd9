/**
 * The stakeholder registry: who belongs to an account or a deal, who of them is invited, and who is missing.
 */
export { type AssembleInput, assemble, type ReplacementPerson } from './assemble.ts';
export { defaultAssemblyPolicy } from './default-assembly-policy.ts';
export { isEmail } from './email.ts';
export { exportRegistry, type RegistryToExport } from './export-registry.ts';
export {
  applyCrm,
  applyImport,
  type ComparedRegistry,
  compareForImport,
  type ImportOptions,
  type ImportSummary,
} from './import/apply-import.ts';
export { type CrmSync, compareCrm } from './import/compare-crm.ts';
export { compareRegistry, type RegistryContent, type RegistryDifferences } from './import/compare-registry.ts';
export { decodeRegistry, MAX_REGISTRY_BYTES } from './import/decode-registry.ts';
export { guardFormula } from './import/formula.ts';
export { type ParsedRegistry, parseRegistry } from './import/parse-registry.ts';
export type { ImportFault } from './import/raw-entry.ts';
export * from './model.ts';
export { roleTitle } from './roles.ts';
export {
  accountsNaming,
  accountsOf,
  countStakeholders,
  optedOutAmong,
  setOptedOut,
  setOptedOutEverywhere,
  stakeholdersFor,
  stakeholdersOfAccounts,
} from './store.ts';
