/**
 * Sent with everything the console answers. The pages hold names and e-mail addresses: nothing is kept by a browser or a
 * proxy, nothing is told to the sites that are linked, and nothing runs or is loaded but the console's own files.
 */
export const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  // Other sites are told nothing; our own forms say where they come from, which `no-referrer` would have them keep to themselves.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;
