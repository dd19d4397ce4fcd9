import type { Markup } from './html.ts';
import { html } from './html.ts';

/** What one can make the sandbox do, by the control call that does it. */
const STRINGS: readonly { does: string; call: string; body?: string }[] = [
  { does: 'Two days pass, and everything due on the way is done', call: 'POST /clock', body: '{"advance": "2d"}' },
  { does: 'Time stands still', call: 'POST /clock', body: '{"frozen": true}' },
  {
    does: 'The next three creates fail with 503',
    call: 'POST /faults',
    body: '{"fault": "status", "status": 503, "next": 3, "method": "POST", "path": "/meeting_requests"}',
  },
  {
    does: 'Every tenth webhook gets lost',
    call: 'POST /faults',
    body: '{"fault": "webhook_drop", "probability": 0.1}',
  },
  { does: 'A request is booked now', call: 'POST /meeting_requests/mr_…/events', body: '{"event": "booked"}' },
  { does: 'What was said in a conversation', call: 'GET /meeting_requests/mr_…/transcript' },
  { does: 'All calls and deliveries so far', call: 'GET /journal' },
  { does: 'Another API key, with fewer scopes', call: 'POST /keys', body: '{"scopes": ["meeting_requests.read"]}' },
  {
    does: 'What SkipUp’s documentation leaves open',
    call: 'PATCH /settings',
    body: '{"autoDisableCounts": "attempts"}',
  },
  { does: 'A sandbox of its own for one test', call: 'POST /namespaces', body: '{"name": "one"}' },
  { does: 'From nothing again', call: 'POST /reset' },
];

/** How the sandbox is steered: not part of SkipUp's API, and so not of the contract. */
export function steering(origin: string): Markup {
  const rows = STRINGS.map(({ does, call, body }) => {
    const [method = '', path = ''] = call.split(' ');
    return html`<tr>
<td>${does}</td>
<td><span class="method ${method.toLowerCase()}">${method}</span> <code>/_sandbox${path}</code>${body === undefined ? undefined : html`<br><code>${body}</code>`}</td>
</tr>
`;
  });
  return html`<h2 id="steering">Steer the sandbox</h2>
<p>What SkipUp, its people or bad luck would do is done by calls below <a href="/_sandbox/">/_sandbox</a>, which shows the whole state. They need no key, and no web page of another origin may make them.</p>
<div class="scroll"><table><tbody>
${rows}</tbody></table></div>
<pre class="shell"><code>curl -X POST ${origin}/_sandbox/clock -H 'Content-Type: application/json' -d '{"advance": "2d"}'</code></pre>
<p>One call alone can ask for its own fault, in a header: <code>X-Sandbox-Fault: delay=2s status=503</code>. An answer that was struck so is not held to this contract.</p>
`;
}
