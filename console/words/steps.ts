import type { StepStatus } from '../../workflows/messages.ts';
import { html, type Markup } from '../page/html.ts';
import type { Tone } from './phase.ts';

/** What the ledger's words for steps are called here; a word of a newer version is shown as it is. */
const KINDS = new Map([
  ['crm_status', 'CRM status'],
  ['crm_note', 'CRM note'],
  ['crm_task', 'CRM task'],
  ['slack', 'Slack message'],
  ['slack_message', 'Slack message'],
  ['email', 'mail'],
  ['linear_project', 'Linear project'],
  ['http', 'HTTP call'],
  ['workflow', 'workflow'],
  ['own', 'own kind'],
]);

const LISTS = new Map([
  ['on_won', 'when the deal closed'],
  ['on_requested', 'when the meeting was requested'],
  ['on_follow_up', 'at a follow-up'],
  ['on_ghosted', 'when nobody answered'],
  ['on_booked', 'when the meeting was booked'],
  ['on_booked_elsewhere', 'when the lead booked elsewhere'],
  ['on_organizer_changed', 'when the organizer changed'],
  ['on_cancelled', 'when it was cancelled'],
  ['on_expired', 'when the window went by'],
  ['on_attention', 'when it needed a person'],
]);

const STATES: Record<StepStatus['state'], { label: string; tone: Tone }> = {
  waiting: { label: 'waiting', tone: 'still' },
  running: { label: 'running', tone: 'busy' },
  done: { label: 'done', tone: 'good' },
  failed: { label: 'failed', tone: 'alert' },
  skipped: { label: 'skipped', tone: 'still' },
  undone: { label: 'taken back', tone: 'still' },
  left: { label: 'left as it is', tone: 'alert' },
};

export function stepKind(kind: string): string {
  return KINDS.get(kind) ?? kind;
}

/** When the list runs, in words. */
export function stepList(list: string): string {
  return LISTS.get(list) ?? list;
}

export function stepChip(state: StepStatus['state']): Markup {
  const { label, tone } = STATES[state];
  return html`<span class="chip ${tone}">${label}</span>`;
}
