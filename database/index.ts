/**
 * The database room: one way to open it, the inbox, the ledger.
 *
 * The same SQL runs on PostgreSQL and on PGlite. Instants in results are `Date`, counts are `number`.
 */
export {
  type AccountListFilter,
  type AccountRow,
  accountNamesInKickoffs,
  accountsByIds,
  dealsOfAccount,
  listAccountIds,
  saveAccounts,
} from './accounts.ts';
export { askingKickoffs, askingRecoveries } from './asking-kickoffs.ts';
export {
  type AuditAttempt,
  type AuditFilter,
  type AuditOutcome,
  auditedActions,
  bulkAttempts,
  findAttempt,
  listAudit,
  recordAnswered,
  recordAsked,
} from './audit-log.ts';
export {
  type CatchUpPage,
  type CatchUpRow,
  dealsToBeRead,
  kickoffsBeforeBooking,
  lastCatchUps,
  openCatchUp,
  passCatchUpPage,
  recordCatchUp,
  recordCatchUpProblem,
} from './catch-ups.ts';
export { type ChangeMarks, readChangeMarks, readWorkflowMarks } from './change-marks.ts';
export {
  accountSubject,
  addConsoleAccount,
  type ConsoleAccountRow,
  changeConsoleAccount,
  findConsoleAccount,
  hasConsoleAccount,
  listConsoleAccounts,
  renewPasswordHash,
} from './console-accounts.ts';
export { addConsoleLink, type ConsoleLinkRow, findConsoleLink, useConsoleLink } from './console-links.ts';
export {
  type ConsoleSessionRow,
  type ConsoleSessionTimes,
  endConsoleSessions,
  findConsoleSession,
  type ListedConsoleSession,
  listConsoleSessions,
  openConsoleSession,
  seeConsoleSession,
} from './console-sessions.ts';
export { beginConsoleSignIn, type ConsoleSignInRow, takeConsoleSignIn } from './console-sign-ins.ts';
export type { Database, DatabaseLogger } from './database.ts';
export { fellThrough, markDealLost, markDealWon, markDealWonAgain } from './deal-changes.ts';
export { recordMerges } from './deal-merges.ts';
export { DatabaseError, type DatabaseErrorCode } from './errors.ts';
export { failedKickoffSteps, failedRecoverySteps, failedStepCounts, failedStepsOf } from './failed-steps.ts';
export {
  claimInbox,
  expireUnmatched,
  type InboxEntry,
  type InboxFilter,
  type InboxRow,
  inboxCounts,
  insertInbox,
  listInbox,
  markDead,
  markDelivered,
  markIgnored,
  markUnmatched,
  replayDeadInbox,
  replayInbox,
  retryLater,
  undeliveredEvents,
} from './inbox.ts';
export {
  type InboxLine,
  type InboxSearch,
  inboxIds,
  inboxKeysAmong,
  openInboxCounts,
  readInboxRow,
  searchInbox,
} from './inbox-search.ts';
export { INBOX_COUNTED, type InboxState, inboxState } from './inbox-state.ts';
export { jsonText, plainText } from './json.ts';
export { eventsOfKickoff, type KickoffEventRow } from './kickoff-events.ts';
export type { KickoffFilter } from './kickoff-filter.ts';
export {
  type KickoffCursor,
  type KickoffPage,
  kickoffsMatching,
  listKickoffs,
  pageOfKickoffs,
} from './kickoff-list.ts';
export {
  type ClaimKickoffInput,
  claimKickoff,
  findKickoff,
  type KickoffRow,
  kickoffsByPhase,
  markKickoffStarted,
  type RecordPhaseInput,
  type RecordResolutionInput,
  recordPhase,
  recordResolution,
  reopenKickoff,
} from './kickoffs.ts';
export { kickoffsById } from './kickoffs-by-id.ts';
export { backfillsOnTheirWay, kickoffsOfDeals } from './kickoffs-of-deals.ts';
export { kickoffsOfAccount, kickoffsOfPerson, type ListedKickoff } from './kickoffs-of-people.ts';
export { type LeadTimes, leadTimes, type Spread } from './lead-times.ts';
export {
  attachRequestId,
  awaitedSince,
  type BeginMeetingRequestInput,
  beginMeetingRequest,
  fillOrganizer,
  findMeetingRequest,
  listMeetingRequests,
  type MeetingRequestRow,
  openMeetingRequests,
  ownRequestIds,
  type RecordedMeetingEvent,
  recordMeetingEvent,
} from './meeting-requests.ts';
export { migrate } from './migrate.ts';
export { type OpenDatabaseOptions, openDatabase } from './open-database.ts';
export {
  addressOptOut,
  addressOptOuts,
  type OptOutInput,
  type OptOutRow,
  optedOut,
  optIn,
  optOut,
} from './opt-outs.ts';
export { kickoffsToWake, type OrganizedRow, organizedMeetings } from './organized-meetings.ts';
export { PHASE_NAMES, type PhaseName, REOPENABLE_PHASES } from './phases.ts';
export {
  claimRecovery,
  findRecovery,
  listRecoveries,
  markRecoveryStarted,
  RECOVERY_PHASE_NAMES,
  type RecoveryFilter,
  type RecoveryPhaseName,
  type RecoveryRow,
  recordRecovery,
  recoveriesAbout,
  recoveriesByPhase,
  renewClaim,
  timesWrittenTo,
} from './recoveries.ts';
export { openRecoveriesOf, recoveriesOfLeads } from './recoveries-of-leads.ts';
export {
  findRecoveries,
  otherRecoveries,
  type RecoveryCursor,
  type RecoveryFigures,
  type RecoveryListFilter,
  recoveryFigures,
} from './recovery-list.ts';
export type {
  ConsoleRole,
  InboxSource,
  InboxStatus,
  Schema,
  StakeholderChangeKind,
  Verification,
} from './schema.ts';
export { isSearchable } from './search.ts';
export { activeSkipupMembers, findSkipupMember, type HeardOfMember, noteSkipupMembers } from './skipup-members.ts';
export {
  insertStakeholderChanges,
  lastStakeholderChange,
  listStakeholderChanges,
  type NewStakeholderChange,
  type StakeholderChangeFilter,
  type StakeholderChangeRow,
} from './stakeholder-changes.ts';
export {
  type FoundPerson,
  findStakeholder,
  insertStakeholders,
  type OrganizingStakeholder,
  peopleOfAccounts,
  type StakeholderKey,
  type StakeholderValues,
  saveStakeholders,
  searchStakeholders,
  stakeholdersAsJson,
  stakeholdersInRole,
  stakeholdersPage,
  stakeholdersWithAddress,
} from './stakeholders.ts';
export {
  beginStep,
  failStep,
  finishStep,
  listSteps,
  type StepKey,
  type StepRow,
  skipStep,
  undoneStep,
} from './steps.ts';
export { lastSweeps, recordSweep, recordSweepProblem, type SweepRow } from './sweeps.ts';
export { inTransaction } from './transaction.ts';
export { type TakeTurnInput, takeTurn } from './turns.ts';
export { type WorkstreamRow, workstreamsOfDeal } from './workstreams-of-deal.ts';
