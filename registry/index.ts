/**
 * The stakeholder registry: who belongs to an account or a deal, who of them is invited, and who is missing.
 */
export { type AssembleInput, assemble, type ReplacementPerson } from './assemble.ts';
export { defaultAssemblyPolicy } from './default-assembly-policy.ts';
export { applyImport, type ImportPreview, type ImportSummary, previewImport } from './import/apply-import.ts';
export { type ParsedRegistry, parseRegistry } from './import/parse-registry.ts';
export type { ImportFault } from './import/raw-person.ts';
export * from './model.ts';
export { roleTitle } from './roles.ts';
export { countStakeholders, setOptedOut, stakeholdersFor } from './store.ts';
