import type { InboxRow } from '../../database/index.ts';
import { actionButton } from '../action/button.ts';
import { html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, workflowLink } from '../page/link.ts';
import { facts } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { INBOX_WORDS, inboxChip, SOURCE_WORDS } from '../words/inbox.ts';
import { verificationWords } from '../words/verification.ts';
import { REPLAY } from './actions.ts';
import { attemptsWords } from './fate.ts';
import type { InboxEvent } from './read.ts';
import { eventTable } from './view.ts';

/** More of a payload is for an editor, not for a page. */
const SHOWN = 16_384;

/** `/inbox/<number>` */
export function eventPage(visit: Visit, { row, others }: InboxEvent): Markup {
  const { zone } = visit;
  const canReplay = row.status === 'dead' || row.status === 'ignored';
  return page(
    visit,
    { title: `Event ${row.id}`, place: '/inbox', live: 'inbox' },
    html`<p><a href="/inbox">Inbox</a></p>
<h1>Event ${row.id}: ${row.event_type}</h1>
<section data-part id="fate" aria-label="What became of it">
<p>${inboxChip(row.status)} ${INBOX_WORDS[row.status].meaning}</p>
${facts([
  ['From', SOURCE_WORDS[row.source]],
  ['About', row.subject !== null && isolated(row.subject)],
  ['Received', instant(row.received_at, zone)],
  ['Verification', verificationWords(row)],
  ['Reason', row.reason],
  ['Workflow', row.workflow_id !== null && workflowLink(row.workflow_id)],
  ['Delivered', row.delivered_at !== null && instant(row.delivered_at, zone)],
  ['Attempts', attemptsWords(row.attempts)],
  ['Next attempt', row.status === 'pending' && row.attempts > 0 && instant(row.next_attempt_at, zone)],
])}
${canReplay && html`<p>${actionButton(visit, REPLAY, String(row.id))}</p>`}
</section>
${payload(row)}
<section data-part id="others" aria-labelledby="others-heading">
<h2 id="others-heading">Others about the same</h2>
${others.length === 0 ? html`<p>Nothing else has come about it.</p>` : eventTable(visit, 'Others about the same, newest first', others)}
</section>`,
  );
}

function payload({ id, payload: stored }: InboxRow): Markup {
  const text = JSON.stringify(stored, null, 2);
  const isCut = text.length > SHOWN;
  return html`<section aria-labelledby="payload-heading">
<h2 id="payload-heading">What came</h2>
<p>${isCut && html`Its first ${SHOWN / 1_024} KB. `}<a href="/inbox/${id}/payload.json" download>All of it as JSON</a></p>
<div class="scroll" role="group" aria-label="What came, as JSON" tabindex="0">
<pre>${isCut ? `${text.slice(0, SHOWN)}\n…` : text}</pre>
</div>
</section>`;
}
