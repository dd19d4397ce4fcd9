import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  skipupApiKey: z.string(),
  hubspotClientSecret: z.string(),
  hubspotAccessToken: z.string(),
  dealTrigger: z.string(),
  skipupWebhook: z.string(),
});
export type DevSecrets = z.infer<typeof secretsSchema>;

/** The sandbox's own throw-away secrets, kept so that a restart finds its endpoint and its CRM again. */
export function readDevSecrets(file: string): DevSecrets {
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
  const random = () => randomBytes(24).toString('hex');
  const secrets: DevSecrets = {
    skipupApiKey: `sk_sandbox_${random()}`,
    skipupWebhook: random(),
    hubspotClientSecret: random(),
    hubspotAccessToken: random(),
    dealTrigger: random(),
  };
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}
