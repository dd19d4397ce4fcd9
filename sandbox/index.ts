/** SkipUp, a small CRM and Slack over HTTP, for development and tests. */
export type { SandboxErrorCode } from './errors.ts';
export { SandboxError } from './errors.ts';
export type { JournalEntry, SandboxEvent } from './events.ts';
export { journalEntrySchema } from './events.ts';
export { NotAFault, readFaults } from './fault-shorthand.ts';
export type { FaultRule } from './faults.ts';
export { ACME_DEAL_ID, acmeDeal } from './fixtures/acme.ts';
export type { DealFixture } from './fixtures/deal.ts';
export type { Fixture, Habits } from './fixtures/people.ts';
export { readFixture } from './fixtures/read-fixture.ts';
export { SAMPLE_LEAD_ID, sampleLead } from './fixtures/sample-lead.ts';
export type { NamespaceAccess } from './namespace-access.ts';
export type { NewNamespaceOptions, SandboxOptions } from './options.ts';
export { keepHeapSmall } from './small-heap.ts';
export type { Sandbox, SandboxNamespace } from './start.ts';
export { startSandbox } from './start.ts';
