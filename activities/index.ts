/** The activities, put together from the rooms they use. */
import { type BackfillDependencies, backfillActivities } from './backfill/index.ts';
import { type CatchUpDependencies, catchUpActivities } from './catch-up/index.ts';
import type {
  BackfillActivities,
  CatchUpActivities,
  DispatchActivities,
  HandOverActivities,
  KickoffActivities,
  PreviewActivities,
  RecoveryActivities,
  SkipupActivities,
  SweepActivities,
} from './contract.ts';
import { type DispatchDependencies, dispatchActivities } from './dispatch.ts';
import { type HandOverDependencies, handOverActivities } from './hand-over/index.ts';
import { ledgerActivities } from './ledger.ts';
import { memberLookup } from './members.ts';
import { type PreviewDependencies, previewActivities } from './preview.ts';
import { type CheckedEvent, type RecoveryDependencies, recoveryActivities } from './recovery.ts';
import { type RegistryDependencies, type ResolvedEvent, registryActivities } from './registry.ts';
import { type RequestedEvent, type SkipupDependencies, skipupActivities } from './skipup.ts';
import { type StepDependencies, type StepEvent, stepActivities } from './steps/run-step.ts';
import { type SweepDependencies, sweepActivities } from './sweep/index.ts';
import { skipupTurns } from './turns.ts';

export { type FindMembership, memberLookup } from './members.ts';
export { membershipGaps } from './members-gap.ts';
export { loadOwnKinds } from './steps/load-own-kinds.ts';
export type { OwnStepKind } from './steps/own-kind.ts';
export { tryLinear, tryMailServer, trySlack } from './steps/trials.ts';
export { withoutSecrets } from './steps/without-secrets.ts';
export type { KnownWorkstreams } from './workstreams.ts';

export type ActivityEvent = ResolvedEvent | CheckedEvent | RequestedEvent | StepEvent;

export interface ActivityDependencies
  extends Omit<RegistryDependencies, 'onEvent' | 'findMembership'>,
    Omit<SkipupDependencies, 'onEvent' | 'turn'>,
    Omit<StepDependencies, 'onEvent'>,
    Pick<SweepDependencies, 'publicUrl' | 'sweepRequestsPerMinute'>,
    Pick<CatchUpDependencies, 'catchUpOverlapMinutes'>,
    Pick<BackfillDependencies, 'backfill' | 'startRecovery' | 'workstreamsOf'>,
    DispatchDependencies,
    Omit<HandOverDependencies, 'findMembership' | 'database'>,
    Omit<PreviewDependencies, 'findMembership'>,
    Omit<RecoveryDependencies, 'onEvent' | 'findMembership'> {
  /** Calls to SkipUp in any minute, by all processes that share the database. */
  requestsPerMinute: number;
  /** Told of what was done, for a live view. */
  onEvent?: ((event: ActivityEvent) => void) | undefined;
}

/** What the two task queues carry. */
export interface Activities {
  kickoff: KickoffActivities &
    DispatchActivities &
    PreviewActivities &
    CatchUpActivities &
    BackfillActivities &
    RecoveryActivities &
    HandOverActivities;
  skipup: SkipupActivities & SweepActivities;
}

export function createActivities(dependencies: ActivityDependencies): Activities {
  const turn = skipupTurns(dependencies.database, dependencies.requestsPerMinute);
  const findMembership = memberLookup({ ...dependencies, turn });
  return {
    kickoff: {
      ...registryActivities({ ...dependencies, findMembership }),
      ...stepActivities(dependencies),
      ...ledgerActivities(dependencies),
      ...dispatchActivities(dependencies),
      ...previewActivities({ ...dependencies, findMembership }),
      ...handOverActivities({ ...dependencies, findMembership }),
      ...catchUpActivities(dependencies),
      ...backfillActivities(dependencies),
      ...recoveryActivities({ ...dependencies, findMembership }),
    },
    skipup: {
      ...skipupActivities({ ...dependencies, turn }),
      ...sweepActivities({ ...dependencies, turn, fallbackOrganizer: dependencies.assembly.fallbackOrganizer }),
    },
  };
}
