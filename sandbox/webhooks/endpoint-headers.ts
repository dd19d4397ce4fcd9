import { invalid } from '../errors.ts';

/** What frames the message on the wire belongs to HTTP: no request with such a header of somebody's own could be sent. */
const FRAMING = [
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/**
 * Whether these headers can come with every delivery. Names of SkipUp's own (`X-Webhook-Signature`, `Content-Type`, …) may
 * be given; SkipUp's values are the ones that are sent.
 *
 * @throws ApiError 422 `validation_error`
 */
export function checkEndpointHeaders(headers: readonly { key: string }[]): void {
  const framing = headers.find(({ key }) => FRAMING.includes(key.toLowerCase()));
  if (framing !== undefined) throw invalid(`headers: ${framing.key} cannot be set: it frames the delivery itself.`);
}
