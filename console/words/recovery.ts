import type { RecoveryPhase } from '../../workflows/messages.ts';
import { html, type Markup } from '../page/html.ts';
import type { Tone } from './phase.ts';

/** The phases of a lead's recovery, the one that waits for a person first. */
export const RECOVERY_WORDS: Record<RecoveryPhase, { label: string; meaning: string; tone: Tone }> = {
  needs_attention: {
    label: 'Needs a person',
    meaning: 'Something is missing or was refused. It waits for a person to settle what is listed.',
    tone: 'alert',
  },
  waiting: { label: 'Has time to book', meaning: 'The lead has time to book by itself.', tone: 'still' },
  checking: { label: 'Asking the CRM', meaning: 'The CRM is asked whether the lead has a meeting.', tone: 'busy' },
  requesting: { label: 'Asking SkipUp', meaning: 'The meeting request is being sent to SkipUp.', tone: 'busy' },
  scheduling: { label: 'Scheduling', meaning: 'SkipUp is writing with the lead to find a time.', tone: 'busy' },
  paused: { label: 'Paused', meaning: 'The scheduling is paused until somebody resumes it.', tone: 'still' },
  booked: { label: 'Recovered', meaning: 'The lead has booked through SkipUp.', tone: 'good' },
  booked_elsewhere: { label: 'Booked by itself', meaning: 'The lead has booked without being asked.', tone: 'good' },
  cancelled: { label: 'Cancelled', meaning: 'The meeting request or the meeting was cancelled.', tone: 'still' },
  expired: { label: 'Expired', meaning: 'The window went by without a booking.', tone: 'still' },
  opted_out: { label: 'Opted out', meaning: 'The lead may not be written to.', tone: 'still' },
  failed: { label: 'Given up', meaning: 'Nobody settled what it needed in time.', tone: 'alert' },
};

/** A phase as a coloured word; one that this version does not know as it is. */
export function recoveryChip(phase: string): Markup {
  const { label, tone } = recoveryWordsOf(phase);
  return html`<span class="chip ${tone}">${label}</span>`;
}

export function recoveryWordsOf(phase: string): { label: string; meaning: string; tone: Tone } {
  return isRecoveryPhase(phase) ? RECOVERY_WORDS[phase] : { label: phase, meaning: '', tone: 'still' };
}

export function isRecoveryPhase(text: string): text is RecoveryPhase {
  return Object.hasOwn(RECOVERY_WORDS, text);
}
