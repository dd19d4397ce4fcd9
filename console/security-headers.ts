/**
 * Sent with everything the console answers. The pages hold names and e-mail addresses: nothing is kept by a browser or a
 * proxy, nothing is told to the sites that are linked, nothing runs and nothing is loaded but the stylesheet.
 */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
} as const;
