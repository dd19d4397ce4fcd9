import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const secret = z.string().min(1);
const secretsSchema = z.object({
  skipupApiKey: secret,
  hubspotClientSecret: secret,
  hubspotAccessToken: secret,
  dealTrigger: secret,
  formTrigger: secret,
  skipupWebhook: secret,
});
const storedSchema = secretsSchema.partial();
export type DevSecrets = z.infer<typeof secretsSchema>;

/**
 * The sandbox's own throw-away secrets, kept so that a restart finds its endpoint and its CRM again. What a file of an older
 * version lacks is added.
 */
export function readDevSecrets(file: string): DevSecrets {
  const random = () => randomBytes(24).toString('hex');
  const known = storedSecrets(file) ?? {};
  const secrets = secretsSchema.parse({
    skipupApiKey: `sk_sandbox_${random()}`,
    skipupWebhook: random(),
    hubspotClientSecret: random(),
    hubspotAccessToken: random(),
    dealTrigger: random(),
    formTrigger: random(),
    ...known,
  });
  if (Object.keys(secrets).some((name) => !Object.hasOwn(known, name))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  }
  return secrets;
}

/** The secrets that a `kickoff dev` has left in its data folder; undefined when none has run there. */
export function storedSecrets(file: string): z.infer<typeof storedSchema> | undefined {
  try {
    return storedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
