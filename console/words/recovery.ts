import type { RecoveryPhase } from '../../workflows/messages.ts';
import { html, type Markup } from '../page/html.ts';
import type { Tone } from './phase.ts';

/** The phases of a lead's recovery, the one that waits for a person first. */
export const RECOVERY_WORDS: Record<RecoveryPhase, { label: string; tone: Tone }> = {
  needs_attention: { label: 'Needs a person', tone: 'alert' },
  waiting: { label: 'Has time to book', tone: 'still' },
  checking: { label: 'Asking the CRM', tone: 'busy' },
  requesting: { label: 'Asking SkipUp', tone: 'busy' },
  scheduling: { label: 'Scheduling', tone: 'busy' },
  paused: { label: 'Paused', tone: 'still' },
  booked: { label: 'Recovered', tone: 'good' },
  booked_elsewhere: { label: 'Booked by itself', tone: 'good' },
  cancelled: { label: 'Cancelled', tone: 'still' },
  expired: { label: 'Expired', tone: 'still' },
  opted_out: { label: 'Opted out', tone: 'still' },
  failed: { label: 'Given up', tone: 'alert' },
};

/** A phase as a coloured word; one that this version does not know as it is. */
export function recoveryChip(phase: string): Markup {
  const { label, tone } = isRecoveryPhase(phase) ? RECOVERY_WORDS[phase] : { label: phase, tone: 'still' };
  return html`<span class="chip ${tone}">${label}</span>`;
}

function isRecoveryPhase(text: string): text is RecoveryPhase {
  return Object.hasOwn(RECOVERY_WORDS, text);
}
