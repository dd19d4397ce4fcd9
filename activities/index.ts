/** The activities, put together from the rooms they use. */
import { type BackfillDependencies, backfillActivities } from './backfill/index.ts';
import type {
  BackfillActivities,
  DispatchActivities,
  KickoffActivities,
  SkipupActivities,
  SweepActivities,
} from './contract.ts';
import { type DispatchDependencies, dispatchActivities } from './dispatch.ts';
import { ledgerActivities } from './ledger.ts';
import { type RegistryDependencies, type ResolvedEvent, registryActivities } from './registry.ts';
import { type RequestedEvent, type SkipupDependencies, skipupActivities } from './skipup.ts';
import { type StepDependencies, type StepEvent, stepActivities } from './steps.ts';
import { type SweepDependencies, sweepActivities } from './sweep/index.ts';

export type ActivityEvent = ResolvedEvent | RequestedEvent | StepEvent;

export interface ActivityDependencies
  extends Omit<RegistryDependencies, 'onEvent'>,
    Omit<SkipupDependencies, 'onEvent'>,
    Omit<StepDependencies, 'onEvent'>,
    Pick<SweepDependencies, 'publicUrl' | 'sweepRequestsPerMinute'>,
    Pick<BackfillDependencies, 'backfill'>,
    DispatchDependencies {
  /** Told of what was done, for a live view. */
  onEvent?: ((event: ActivityEvent) => void) | undefined;
}

/** What the two task queues carry. */
export interface Activities {
  kickoff: KickoffActivities & DispatchActivities & BackfillActivities;
  skipup: SkipupActivities & SweepActivities;
}

export function createActivities(dependencies: ActivityDependencies): Activities {
  return {
    kickoff: {
      ...registryActivities(dependencies),
      ...stepActivities(dependencies),
      ...ledgerActivities(dependencies),
      ...dispatchActivities(dependencies),
      ...backfillActivities(dependencies),
    },
    skipup: {
      ...skipupActivities(dependencies),
      ...sweepActivities({ ...dependencies, fallbackOrganizer: dependencies.assembly.fallbackOrganizer }),
    },
  };
}
