import type { Phase } from '../../workflows/messages.ts';
import { html, type Markup } from '../page/html.ts';

export type Tone = 'alert' | 'busy' | 'good' | 'still';

interface PhaseWords {
  label: string;
  /** A sentence: where the kickoff stands and what it waits for. */
  meaning: string;
  tone: Tone;
}

/** Every phase, in the order in which a kickoff goes through them; the one that waits for a person first. */
export const PHASE_WORDS: Record<Phase, PhaseWords> = {
  needs_attention: {
    label: 'Needs a person',
    meaning: 'Something is missing or was refused. It waits for a person to settle what is listed.',
    tone: 'alert',
  },
  resolving: {
    label: 'Finding out who takes part',
    meaning: 'The deal has closed; the CRM and the registry are being asked who takes part.',
    tone: 'busy',
  },
  requesting: { label: 'Asking SkipUp', meaning: 'The meeting request is being sent to SkipUp.', tone: 'busy' },
  scheduling: {
    label: 'Scheduling',
    meaning: 'SkipUp is writing with the participants to find a time.',
    tone: 'busy',
  },
  paused: { label: 'Paused', meaning: 'The scheduling is paused until somebody resumes it.', tone: 'still' },
  booked: { label: 'Booked', meaning: 'The meeting is booked; the invitations have been sent.', tone: 'good' },
  onboarding: {
    label: 'Onboarding steps',
    meaning: 'The meeting is booked and the onboarding steps are running.',
    tone: 'busy',
  },
  done: { label: 'Done', meaning: 'The meeting is booked and the onboarding steps have run.', tone: 'good' },
  cancelled: {
    label: 'Cancelled',
    meaning: 'The meeting request or the meeting was cancelled. The kickoff can be dispatched again.',
    tone: 'still',
  },
  expired: {
    label: 'Expired',
    meaning: 'The window went by without a booking. The kickoff can be dispatched again.',
    tone: 'still',
  },
  failed: {
    label: 'Given up',
    meaning: 'Nobody settled what it needed in time. The kickoff can be dispatched again.',
    tone: 'alert',
  },
};

/** A phase as a coloured word; one that this version does not know as it is. */
export function phaseChip(phase: string): Markup {
  const words = phaseWordsOf(phase);
  return html`<span class="chip ${words.tone}">${words.label}</span>`;
}

export function phaseWordsOf(phase: string): PhaseWords {
  return isPhase(phase) ? PHASE_WORDS[phase] : { label: phase, meaning: '', tone: 'still' };
}

export function isPhase(text: string): text is Phase {
  return Object.hasOwn(PHASE_WORDS, text);
}
