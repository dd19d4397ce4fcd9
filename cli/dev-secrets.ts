import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const secretsSchema = z.object({
  skipupApiKey: z.string(),
  hubspotClientSecret: z.string(),
  hubspotAccessToken: z.string(),
  dealTrigger: z.string(),
  /** Known once the sandbox has made the endpoint. */
  skipupWebhook: z.string().optional(),
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
    hubspotClientSecret: random(),
    hubspotAccessToken: random(),
    dealTrigger: random(),
  };
  writeDevSecrets(file, secrets);
  return secrets;
}

export function writeDevSecrets(file: string, secrets: DevSecrets): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
}
