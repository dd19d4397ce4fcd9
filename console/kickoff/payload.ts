/** The longest that is shown of one payload, in characters. */
const LIMIT = 4_000;
/** Names under which a sender might send a secret along; `idempotency_key` is none. */
const SECRET = /secret|password|passwd|token|authorization|signature|api.?key|cookie/i;

/** What an event said, to be read: indented, without what may be a secret, long ones cut. */
export function payloadText(payload: object): string {
  const text = JSON.stringify(payload, (name, value: unknown) => (SECRET.test(name) ? '(not shown)' : value), 2);
  return text.length <= LIMIT ? text : `${text.slice(0, LIMIT)}\n… (${text.length - LIMIT} more characters)`;
}
