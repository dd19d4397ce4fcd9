import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pino from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listInbox } from '../../../database/index.ts';
import { openPglite } from '../../harness/pglite.ts';
import { send } from './stack.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ADAPTER = fileURLToPath(new URL('./fifth-crm/adapter.ts.txt', import.meta.url));
const SAME = ['activities', 'config', 'database', 'registry', 'skipup', 'temporal', 'workflows', 'node_modules'];

/** Kickoff with one CRM more: its folder, and the line that docs/crms.md names. */
function kickoffWithAcme(): string {
  const root = mkdtempSync(join(tmpdir(), 'kickoff-fifth-crm-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const room of ['crm', 'triggers']) {
    cpSync(join(ROOT, room), join(root, room), { recursive: true });
  }
  for (const room of SAME) {
    symlinkSync(join(ROOT, room), join(root, room));
  }
  mkdirSync(join(root, 'crm', 'acme'));
  cpSync(ADAPTER, join(root, 'crm', 'acme', 'adapter.ts'));
  const line = "  acme: async () => (await import('./acme/adapter.ts')).acme,";
  edit(join(root, 'crm', 'kinds.ts'), /(?<=KINDS = \{\n)/, `${line}\n`);
  return root;
}

function edit(file: string, what: RegExp, replacement: string): void {
  const before = readFileSync(file, 'utf8');
  const after = before.replace(what, replacement);
  expect(after, `${file} is not as docs/crms.md says`).not.toBe(before);
  writeFileSync(file, after);
}

describe('a fifth CRM', () => {
  it('is a folder and a line: its deals come in, are read, and can be named in deal events', async () => {
    const database = await openPglite();
    onTestFinished(() => database.close());
    const root = kickoffWithAcme();
    const load = (file: string) => import(pathToFileURL(join(root, file)).href);
    const { createCrms } = await load('crm/index.ts');
    const { createTriggerServer } = await load('triggers/index.ts');
    const deal = { id: 'a-1', name: 'Acme Corp', account: { id: '1', name: 'Acme' }, isWon: true };
    const crms = createCrms({ acme: { key: 'k', deals: { 'a-1': deal } }, generic: { tokens: ['t'] } });
    const app = await createTriggerServer({
      database,
      crms,
      skipup: { secrets: [], tolerance: { pastSeconds: 1, futureSeconds: 1 } },
      isTemporalReachable: async () => undefined,
      relay: { wake: () => undefined },
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
    });
    onTestFinished(() => app.close());
    const url = await app.listen({ port: 0, host: '127.0.0.1' });

    const body = JSON.stringify({ won: 'a-1', at: '2026-11-20T16:00:00Z' });
    const first = await send(`${url}/triggers/acme`, { body, headers: { 'x-acme-key': 'k' } });
    expect(first).toMatchObject({ status: 200, body: { received: true, events: 1, duplicates: 0 } });
    expect((await send(`${url}/triggers/acme`, { body, headers: { 'x-acme-key': 'guess' } })).status).toBe(401);
    const named = await send(`${url}/triggers/deal`, {
      body: JSON.stringify({ dealId: 'a-1' }),
      headers: { authorization: 'Bearer t' },
    });
    expect(named.status).toBe(202);

    const stored = (await listInbox(database.db)).filter(({ subject }) => subject === 'a-1');
    expect(stored).toHaveLength(2);
    for (const { status, payload } of stored) {
      expect(status).toBe('pending');
      expect(payload).toMatchObject({ dealId: 'a-1', crm: 'acme' });
    }
    expect(new Set(stored.map(({ source }) => source))).toEqual(new Set(['acme', 'deal']));
    expect(await crms.acme.readDeal('a-1')).toEqual({ ...deal, crm: 'acme' });
  });
});
