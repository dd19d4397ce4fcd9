import { log, patched } from '@temporalio/workflow';
import type { ResolveInput } from '../../activities/contract.ts';
import { looking, sentenceOf } from '../activities.ts';
import { INTERRUPTED, type KickoffRun } from './run.ts';

/** What registry and CRM are asked with. */
export function resolveInput(run: KickoffRun, now: string): ResolveInput {
  const { deal, workstream, policy } = run.input;
  const { revision, replacement, organizerEmail } = run.state;
  const { vendor, title, purpose, description, durationMinutes, leadDays, windowDays, workingDays, country } = policy;
  return {
    workflowId: run.workflowId,
    deal,
    ...(workstream === undefined ? {} : { workstream }),
    revision,
    now,
    ...(replacement === undefined ? {} : { replacement }),
    ...(organizerEmail === undefined ? {} : { organizerEmail }),
    texts: { vendor, title, purpose, description, durationMinutes },
    window: { leadDays, windowDays, workingDays, ...(country === undefined ? {} : { country }) },
  };
}

/**
 * Whether the registry is to be read again because it has changed. A kickoff that is replayed from before this rule did
 * not: its signals came to nothing.
 */
export function looksAgain(run: KickoffRun): boolean {
  if (run.state.lookWanted !== true) return false;
  if (patched(LOOKS_AGAIN)) return true;
  run.apply({ type: 'looking' });
  return false;
}

const LOOKS_AGAIN = 'registry-looked-at-while-scheduling';

/** Looks whom registry and CRM name now, while SkipUp asks people. Nothing is written over; a person decides. */
export async function lookAtPeople(run: KickoffRun): Promise<void> {
  const { phase } = run.state;
  run.apply({ type: 'looking' });
  try {
    const named = await run.unlessInterrupted(
      () => looking.resolveKickoff({ ...resolveInput(run, run.now()), readOnly: true }),
      () => run.state.phase !== phase,
    );
    if (named === INTERRUPTED) run.apply({ type: 'registry_changed' });
    else run.apply({ type: 'people_looked', named });
  } catch (error) {
    // The next change looks again; people are asked meanwhile as they were.
    log.warn('it could not be looked whom the registry names now', { reason: sentenceOf(error) });
  }
}
