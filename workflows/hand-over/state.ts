import type { OrganizedMeeting } from '../../activities/contract.ts';
import type { HandOverStatus } from '../messages.ts';

/** Plain data: what a hand-over knows. */
export interface HandOverState {
  email: string;
  /** Why it is needed, in words. */
  reason: string;
  /** As the ledger had them when it was last read. */
  meetings: OrganizedMeeting[];
  done: HandOverStatus['done'];
  isListed: boolean;
  /** Who was told, in words. */
  told?: string;
  /** To whom it was last handed over, and why. */
  to?: string;
  /** Why the last hand-over did not begin, in words. */
  trouble?: string;
}

const BOOKED: ReadonlySet<string> = new Set(['booked', 'onboarding', 'done', 'booked_elsewhere']);

/** Whether another organizer can be named: SkipUp changes nothing of a meeting that is booked. */
export function isHandable({ phase }: Pick<OrganizedMeeting, 'phase'>): boolean {
  return !BOOKED.has(phase);
}

/** What is still theirs. The ledger learns of a change from SkipUp's webhook: what was handed over here counts at once. */
export function stillOpen({ meetings, done }: Pick<HandOverState, 'meetings' | 'done'>): OrganizedMeeting[] {
  const handed = new Set(done.filter(({ ok }) => ok).map(({ workflowId }) => workflowId));
  return meetings.filter(({ workflowId }) => !handed.has(workflowId));
}
