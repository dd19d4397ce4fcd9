import type { InboxState } from '../../database/index.ts';
import { onlyKickoffs } from '../kickoffs/address.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import type { Visit } from '../visit.ts';
import { askCard } from './ask-card.ts';
import type { Asks } from './asks.ts';
import { atMost } from './count-words.ts';

/** What waits for a person, the longest waiting first. */
export function askSection(visit: Visit, { shown, more }: Asks, inbox: InboxState, now: Date): Markup {
  const others: Content[] = [
    more.kickoffs && html`<a href="${onlyKickoffs({ needsPerson: true })}">all kickoffs that ask for somebody</a>`,
    more.leads && html`<a href="/leads?phase=needs_attention">all leads that wait</a>`,
    inbox.dead > inbox.oldestDead.length &&
      html`<a href="/inbox?status=dead">${atMost(inbox.dead)} events that could not be delivered</a>`,
  ].filter((each) => each !== false);
  return html`<section data-part id="asks" aria-labelledby="asks-title">
<h2 id="asks-title">Needs a person</h2>
${shown.length === 0 && html`<p class="notice good">Nothing needs a person now.</p>`}
${shown.length > 0 && html`<ul class="cards">\n${shown.map((ask) => askCard(visit, ask, now))}</ul>`}
${others.length > 0 && html`<p>There is more: ${others.map((each, index) => html`${index > 0 && ', '}${each}`)}.</p>`}
</section>`;
}
