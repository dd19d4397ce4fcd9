/**
 * The stakeholder registry: who belongs to an account or a deal, who of them is invited, and who is missing.
 */
export { type AssembleInput, assemble, type ReplacementPerson } from './assemble.ts';
export { defaultAssemblyPolicy } from './default-assembly-policy.ts';
export {
  addPerson,
  changeAccount,
  changePerson,
  findPerson,
  RegistryConflict,
  stateOfAccount,
  stateOfPerson,
} from './edit.ts';
export { isEmail, normaliseEmail } from './email.ts';
export { exportRegistry, type RegistryToExport } from './export-registry.ts';
export {
  applyCrm,
  applyImport,
  type ComparedRegistry,
  compareForImport,
  type ImportOptions,
  type ImportSummary,
} from './import/apply-import.ts';
export { checkAccount, checkPerson, type FieldFaults } from './import/check-entry.ts';
export { type CrmSync, compareCrm } from './import/compare-crm.ts';
export {
  compareRegistry,
  endedBefore,
  type RegistryContent,
  type RegistryDifferences,
} from './import/compare-registry.ts';
export { decodeRegistry, MAX_REGISTRY_BYTES } from './import/decode-registry.ts';
export { guardFormula } from './import/formula.ts';
export {
  accountsTouched,
  countFields,
  type Difference,
  isNothing,
  listDifferences,
  valueInWords,
} from './import/list-differences.ts';
export { type ParsedRegistry, parseRegistry } from './import/parse-registry.ts';
export type { ImportFault } from './import/raw-entry.ts';
export * from './model.ts';
export { alternatives, roleTitle, uniteRoles } from './roles.ts';
export { stakeholderOf } from './stakeholder-row.ts';
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
