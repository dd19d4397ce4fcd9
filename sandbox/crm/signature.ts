import { createHmac } from 'node:crypto';

/** What HubSpot decodes in the URI before it signs; everything else stays as it is sent. */
const DECODED: Readonly<Record<string, string>> = {
  '%3A': ':',
  '%2F': '/',
  '%3F': '?',
  '%40': '@',
  '%21': '!',
  '%24': '$',
  '%27': "'",
  '%28': '(',
  '%29': ')',
  '%2A': '*',
  '%2C': ',',
  '%3B': ';',
};

/**
 * HubSpot's v3 signature: base64 HMAC-SHA256 over method, URI, raw body and timestamp.
 *
 * @param timestamp the wall clock, in ms
 */
export function hubspotSignatureHeaders(
  method: string,
  uri: string,
  body: string,
  clientSecret: string,
  timestamp: number,
): Record<'x-hubspot-signature-v3' | 'x-hubspot-request-timestamp', string> {
  const decoded = uri.replace(/%[0-9A-F]{2}/gi, (code) => DECODED[code.toUpperCase()] ?? code);
  const signed = createHmac('sha256', clientSecret).update(`${method}${decoded}${body}${timestamp}`).digest('base64');
  return { 'x-hubspot-signature-v3': signed, 'x-hubspot-request-timestamp': String(timestamp) };
}
