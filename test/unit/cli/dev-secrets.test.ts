import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readDevSecrets, storedSecrets } from '../../../cli/dev-secrets.ts';

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-secrets-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'data', 'secrets.json');
}

it('are made once, for their owner only, and found again', () => {
  const file = newFile();
  expect(storedSecrets(file)).toBeUndefined();
  const secrets = readDevSecrets(file);
  expect(new Set(Object.values(secrets)).size).toBe(6);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readDevSecrets(file)).toEqual(secrets);
  expect(storedSecrets(file)).toEqual(secrets);
});

it('of an older version stay, and what they lack is added for good', () => {
  const file = newFile();
  const { formTrigger: _formTrigger, ...older } = readDevSecrets(file);
  writeFileSync(file, JSON.stringify(older));
  const secrets = readDevSecrets(file);
  expect(secrets).toMatchObject(older);
  expect(secrets.formTrigger).toMatch(/^[0-9a-f]{48}$/);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(secrets);
});
