import type { AuditAttempt } from '../../database/index.ts';
import { html } from '../page/html.ts';
import { isolated } from '../page/link.ts';
import { actionWords } from './buttons.ts';
import type { TimelineEntry } from './timeline-entry.ts';

/** What a person did here, or tried to, with the reason given and the answer. */
export function auditEntry(attempt: AuditAttempt): TimelineEntry {
  const { at, name, action, reason, outcome, answer, input, bulk } = attempt;
  const step = action.endsWith('Step') && input !== null ? Reflect.get(input, 'id') : undefined;
  return {
    at,
    kind: 'Person',
    what: html`${isolated(name)}: ${actionWords(action)}${typeof step === 'string' && html` <code>${step}</code>`}${bulk !== null && ', with others at once'}`,
    ...(outcome === 'done' ? {} : { chip: outcomeChip(outcome) }),
    words: [
      ...(reason === null ? [] : [html`Reason: <q>${isolated(reason)}</q>`]),
      ...(answer === null ? [] : [html`Answer: ${answer}`]),
    ],
  };
}

function outcomeChip(outcome: AuditAttempt['outcome']) {
  if (outcome === null) return html`<span class="chip busy">no answer yet</span>`;
  return html`<span class="chip alert">${outcome === 'refused' ? 'refused' : 'failed'}</span>`;
}
