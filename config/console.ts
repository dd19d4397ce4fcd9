import { z } from 'zod';

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);
const values = z.array(z.string().min(1).max(500)).max(100).default([]);

const oidcSchema = z
  .strictObject({
    issuer: z
      .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
      .refine(isSafeIssuer, 'must be https: passwords and roles pass through it; http only on this machine')
      .describe(
        'The provider’s address, as its /.well-known/openid-configuration says; register <PUBLIC_URL>/sign-in/oidc/callback there.',
      ),
    clientId: z
      .string()
      .min(1)
      .max(500)
      .describe('Kickoff’s id at the provider; its secret is CONSOLE_OIDC_CLIENT_SECRET.'),
    scopes: z
      .array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be one scope'))
      .min(1)
      .max(20)
      .default(['openid', 'profile', 'email'])
      .refine((scopes) => scopes.includes('openid'), 'must have openid among them')
      .describe('What the provider is asked for; many need one more for groups.'),
    label: z.string().min(1).max(60).default('your organization').describe('What the sign-in page calls the provider.'),
    roleClaim: z
      .string()
      .min(1)
      .max(200)
      .default('groups')
      .describe(
        'The claim that says who may what: a text or a list. Below another one with a dot: realm_access.roles.',
      ),
    operators: values.describe('Values of that claim whose people may look and act.'),
    viewers: values.describe('Values of that claim whose people may look.'),
  })
  .refine(({ operators, viewers }) => operators.length + viewers.length > 0, {
    path: ['operators'],
    message: 'must name somebody, or viewers must: nobody else is let in',
  });

export const consoleSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether the web pages are served at /, behind their sign-in.'),
  readOnly: z.boolean().default(false).describe('Nobody may change anything there, whatever their role.'),
  sessionHours: z
    .number()
    .positive()
    .max(720)
    .default(12)
    .describe('So long after signing in somebody has to sign in again.'),
  idleHours: z.number().positive().max(720).default(2).describe('The same when nothing was asked for in so long.'),
  oidc: oidcSchema.optional().describe('Sign-in at an identity provider. Left out: accounts of the console alone.'),
});

/** The token's keys and the sign-in itself come from there: only what never leaves the machine may come without TLS. */
function isSafeIssuer(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  return protocol === 'https:' || LOOPBACK.has(hostname);
}
