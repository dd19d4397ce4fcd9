import type { AuditOutcome } from '../../database/index.ts';
import { html, type Markup } from '../page/html.ts';
import type { Tone } from './phase.ts';

const OUTCOMES: Record<AuditOutcome | 'unanswered', { label: string; tone: Tone }> = {
  done: { label: 'Done', tone: 'good' },
  refused: { label: 'Refused', tone: 'alert' },
  failed: { label: 'Failed', tone: 'alert' },
  unanswered: { label: 'Not answered', tone: 'busy' },
};

/** What came of an attempt, in a word; null: it is not known (yet). */
export function outcomeLabel(outcome: AuditOutcome | 'unanswered' | null): string {
  return OUTCOMES[outcome ?? 'unanswered'].label;
}

export function outcomeChip(outcome: AuditOutcome | null): Markup {
  const { label, tone } = OUTCOMES[outcome ?? 'unanswered'];
  return html`<span class="chip ${tone}">${label}</span>`;
}
