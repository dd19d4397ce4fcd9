import { WEBHOOK_EVENT_TYPES, type WebhookEndpoint } from '../../skipup/index.ts';
import { actionButton } from '../action/button.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import { facts, table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { inboxChip, isInboxStatus } from '../words/inbox.ts';
import { ENABLE, TEST } from './actions.ts';
import { missingEvents } from './endpoint.ts';
import type { DeliveryLine, Swept, Webhooks } from './read.ts';

/** `/webhooks` */
export function webhooksPage(visit: Visit, webhooks: Webhooks, url: string | undefined): Markup {
  return page(
    visit,
    { title: 'SkipUp’s endpoint', place: '/inbox' },
    html`<p><a href="/inbox">Inbox</a></p>
<h1>SkipUp’s endpoint and its deliveries</h1>
<p>SkipUp tells ${url === undefined ? 'this installation' : html`<code>${url}</code>`} what becomes of meeting requests. What is missed all the same, the sweep finds.</p>
${body(visit, webhooks, url)}
${sweep(visit, webhooks.swept)}`,
  );
}

function body(visit: Visit, { asked, own }: Webhooks, url: string | undefined): Content {
  if (asked === undefined) {
    return html`<p class="notice busy">There is no key here to ask SkipUp with. Set <code>SKIPUP_API_KEY</code> of <code>kickoff serve</code> (scope <code>webhooks.read</code>; <code>webhooks.write</code> for the buttons) and start it again. Until then this page has what the sweep has found.</p>`;
  }
  if ('silent' in asked) {
    return html`<p class="notice busy" role="status">SkipUp cannot be asked now. ${asked.silent}</p>`;
  }
  const { endpoints, deliveries } = asked.answer;
  const others = endpoints.filter((endpoint) => endpoint !== own);
  return html`<section aria-labelledby="own-heading">
<h2 id="own-heading">This installation’s endpoint</h2>
${own === undefined ? none(url) : ownEndpoint(visit, own)}
</section>
${own !== undefined && deliveryList(visit, deliveries)}
${others.length > 0 && otherList(others)}`;
}

function none(url: string | undefined): Markup {
  return url === undefined
    ? html`<p>It is not known where SkipUp reaches this server: set <code>PUBLIC_URL</code>, then run <code>kickoff webhooks ensure</code>.</p>`
    : html`<p>No endpoint of the workspace leads to ${url}. Make one: <code>kickoff webhooks ensure</code></p>`;
}

function ownEndpoint(visit: Visit, endpoint: WebhookEndpoint): Markup {
  const missing = missingEvents(endpoint);
  const isRight = endpoint.enabled === true && missing.length === 0;
  return html`<p>${stateChip(endpoint)}${endpoint.enabled !== true && html` ${whyOff(visit, endpoint)}`}</p>
${facts([
  ['Id', endpoint.id],
  ['Address', endpoint.url],
  ['Description', endpoint.description],
  [
    'Events',
    missing.length === 0
      ? `all ${WEBHOOK_EVENT_TYPES.length} that are needed`
      : html`not told of ${missing.join(', ')}`,
  ],
])}
<p>${actionButton(visit, TEST, endpoint.id)} ${!isRight && actionButton(visit, ENABLE, endpoint.id)}</p>`;
}

function stateChip({ enabled }: WebhookEndpoint): Markup {
  return enabled === true
    ? html`<span class="chip good">On</span>`
    : html`<span class="chip alert">Switched off</span>`;
}

function whyOff(visit: Visit, { disabled_at: at, disabled_reason: reason }: WebhookEndpoint): Markup {
  return html`SkipUp sends nothing to it${at != null && html` since ${instant(at, visit.zone)}`}: ${reason ?? 'a person has switched it off'}.`;
}

function deliveryList(visit: Visit, deliveries: readonly DeliveryLine[]): Markup {
  return html`<section aria-labelledby="deliveries-heading">
<h2 id="deliveries-heading">Last deliveries</h2>
${
  deliveries.length === 0
    ? html`<p>SkipUp has sent nothing to it yet.</p>`
    : table(
        'Last deliveries, newest first',
        ['Event', 'About', 'Made', 'State', 'Attempts', 'Answered', 'Last attempt', 'Inbox'],
        deliveries.map((delivery) => deliveryLine(visit, delivery)),
      )
}
</section>`;
}

const STATES: Record<string, Markup> = {
  success: html`<span class="chip good">Delivered</span>`,
  pending: html`<span class="chip busy">On its way</span>`,
  failed: html`<span class="chip alert">Given up</span>`,
};

function deliveryLine(visit: Visit, delivery: DeliveryLine): Content[] {
  const { event_type: event, payload, created_at: made, last_attempted_at: last, status } = delivery;
  const about = payload?.id;
  return [
    event ?? 'unnamed',
    typeof about === 'string' && isolated(about),
    made != null && instant(made, visit.zone),
    STATES[status ?? ''] ?? status,
    delivery.attempts,
    delivery.response_code ?? ((delivery.attempts ?? 0) > 0 ? 'no answer' : undefined),
    last != null && instant(last, visit.zone),
    inInbox(delivery.row),
  ];
}

function inInbox(row: DeliveryLine['row']): Content {
  if (row === 'unknown') return 'not known: SkipUp’s list does not say what it sent';
  if (row === 'none') return 'has not come in';
  return html`<a href="/inbox/${row.id}">${row.id}</a> ${isInboxStatus(row.status) && inboxChip(row.status)}`;
}

function otherList(endpoints: readonly WebhookEndpoint[]): Markup {
  return html`<section aria-labelledby="others-heading">
<h2 id="others-heading">Other endpoints of the workspace</h2>
<p>They lead elsewhere; nothing is done to them here.</p>
${table(
  'Other endpoints',
  ['Id', 'Address', 'State', 'Description'],
  endpoints.map((endpoint) => [endpoint.id, endpoint.url, stateChip(endpoint), endpoint.description]),
)}
</section>`;
}

const SWEPT: Record<string, string> = {
  on: 'the endpoint was on',
  brought_back: 'the endpoint was off, and has been switched on again',
  off: 'the endpoint was off',
  off_by_person: 'the endpoint was off: a person has switched it off',
  missing: 'there was no endpoint',
  not_configured: 'where SkipUp reaches this server was not set (PUBLIC_URL), so it did not look',
};

function sweep(visit: Visit, swept: Swept | undefined): Markup {
  return html`<section aria-labelledby="sweep-heading">
<h2 id="sweep-heading">What the sweep found</h2>
${
  swept === undefined
    ? html`<p>No sweep has run yet. It needs <code>kickoff worker</code> and its schedule: <code>kickoff schedules apply</code></p>`
    : html`<p>${instant(swept.at, visit.zone)}: ${swept.problem ?? `${sweptWords(swept)}.`}</p>${swept.advice !== undefined && html`\n<p>${swept.advice}</p>`}`
}
</section>`;
}

function sweptWords({ endpoint }: Swept): string {
  return endpoint === undefined
    ? 'nothing that this version can read'
    : (SWEPT[endpoint] ?? `the endpoint was: ${endpoint}`);
}
