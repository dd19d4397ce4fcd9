import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filledHeaders, KEPT_HEADERS } from '../../../activities/steps/http-texts.ts';
import { ConfigError, loadConfig } from '../../../config/index.ts';

/** What the configuration says to one http step. */
function faultsOf(step: object, stepCalls: object = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = { kickoff: { steps: { on_booked: [{ id: 'erp', kind: 'http', ...step }] } }, stepCalls };
  // JSON is YAML, too.
  writeFileSync(join(folder, 'kickoff.config.yaml'), JSON.stringify(file));
  try {
    loadConfig({ env: {}, cwd: folder });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.map(({ message, path }) => `${path}: ${message}`);
    throw error;
  }
}

describe('the calls of http steps, at start-up', () => {
  it.each([
    ['https://erp.example/accounts/{{deal.id}}?name={{deal.name}}'],
    ['https://erp.example'],
    ['https://erp.example:8443/#x'],
    ['http://erp:8080/x'],
    ['http://ERP.corp/x'],
  ])('%s may be called', (url) => {
    expect(faultsOf({ url }, { allowPrivate: ['erp:8080', 'ERP.corp'] })).toEqual([]);
  });

  it.each([
    ['https://{{deal.id}}.example/', 'without templates'],
    ['https://erp.example:{{deal.id}}/', 'without templates'],
    ['{{deal.url}}', 'must begin with https://'],
    ['https://me:word@erp.example/', 'user or password'],
    ['erp.example/x', 'must begin with https://'],
    ['http://erp.example/x', 'stepCalls.allowPrivate'],
  ])('%s may not', (url, words) => {
    for (const step of [{ url }, { url: 'https://erp.example', undoWith: { url } }]) {
      expect(faultsOf(step)).toContainEqual(expect.stringContaining(words));
    }
  });

  it('refuses the headers that every call refuses, and no others', () => {
    const text = (template: string) => template;
    for (const name of KEPT_HEADERS) {
      expect(faultsOf({ url: 'https://erp.example', headers: { [name.toUpperCase()]: 'x' } })).toHaveLength(1);
      expect(() => filledHeaders({ [name]: 'x' }, text)).toThrow(name);
    }
    expect(faultsOf({ url: 'https://erp.example', headers: { 'X-Tenant': 'x', 'Content-Type': 'a/b' } })).toEqual([]);
  });
});
