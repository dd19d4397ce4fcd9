/**
 * A step kind of your own, in one file: posts what it is given to an address.
 *
 *   stepKinds: [examples/step-kinds/webhook.mjs]
 *   …
 *   - id: intake
 *     kind: own
 *     use: webhook
 *     with: { url: https://intake.example.com/hooks/kickoff, account: "{{deal.account.name}}" }
 *
 * @type {import('kickoff/steps').OwnStepKind}
 */
const webhook = {
  name: 'webhook',

  /** When the worker starts: a sentence for each fault in `with`. Templates are not filled in yet. */
  check({ url }) {
    if (typeof url !== 'string') return ['url is missing: say where to post'];
    return /^https?:\/\//.test(url) ? [] : ['url must begin with https://'];
  },

  async run({ options: { url, ...body }, marker, signal }) {
    const answer = await call('POST', url, body, marker, signal);
    // A link and ids are shown to people, and later steps may name them: {{steps.intake.ids.id}}.
    const { id } = await answer.json().catch(() => ({}));
    return { detail: `Posted to ${new URL(url).host}`, ids: id === undefined ? {} : { id } };
  },

  /** When the booked meeting is cancelled. Left out: people are told that what `run` has made is still there. */
  async undo({ options: { url }, marker, signal }) {
    await call('DELETE', url, undefined, marker, signal);
    return `Taken back at ${new URL(url).host}`;
  },
};

export default webhook;

async function call(method, url, body, marker, signal) {
  const answer = await fetch(url, {
    method,
    // The same key at every repetition: the receiver drops what it has taken already.
    headers: { 'content-type': 'application/json', 'idempotency-key': marker },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  });
  if (answer.ok) return answer;
  const later = answer.status === 429 || answer.status >= 500;
  // What a repetition cannot mend is not repeated: a person is told.
  throw Object.assign(new Error(`${new URL(url).host} answered ${answer.status}`), { retryable: later });
}
