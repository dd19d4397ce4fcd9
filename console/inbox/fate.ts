import type { InboxLine } from '../../database/index.ts';
import { actionButton } from '../action/button.ts';
import { type Content, html } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import type { Visit } from '../visit.ts';
import { INBOX_WORDS } from '../words/inbox.ts';
import { REPLAY } from './actions.ts';

/** Why an event is where it is, and what comes next. */
export function fateOf(visit: Visit, event: InboxLine): Content {
  switch (event.status) {
    case 'dead':
      return html`${event.reason} <br>${actionButton(visit, REPLAY, String(event.id))}`;
    case 'pending':
      return html`${event.reason} ${event.attempts > 0 && html`<br>Next attempt ${instant(event.next_attempt_at, visit.zone)}`}`;
    case 'unmatched':
    case 'delivered':
    case 'ignored':
      return event.reason ?? INBOX_WORDS[event.status].meaning;
  }
}

/** A second one is not worth a word. */
export function attemptsWords(attempts: number): string {
  if (attempts === 0) return 'none yet';
  return attempts === 1 ? 'one' : String(attempts);
}
