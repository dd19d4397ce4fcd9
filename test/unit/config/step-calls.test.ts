import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { filledHeaders, KEPT_HEADERS } from '../../../activities/steps/http-texts.ts';
import { ConfigError, loadConfig } from '../../../config/index.ts';

/** What the configuration says to one http step. */
function faultsOf(step: object, stepCalls: object = {}): string[] {
  return loading(step, {}, stepCalls).faults;
}

/** The configuration with one http step. */
function loading(step: object, env: Record<string, string>, stepCalls: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = { kickoff: { steps: { on_booked: [{ id: 'erp', kind: 'http', ...step }] } }, stepCalls };
  // JSON is YAML, too.
  writeFileSync(join(folder, 'kickoff.config.yaml'), JSON.stringify(file));
  try {
    return { config: loadConfig({ env, cwd: folder, require: ['STEP_HEADER_*'] }), faults: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { faults: error.faults.map(({ message, path }) => `${path}: ${message}`) };
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

describe('secret headers, at start-up', () => {
  const url = 'https://erp.example';
  const Authorization = 'STEP_HEADER_ERP';
  const where = 'kickoff.steps.on_booked[0]';

  it('take their values from the environment, and every way to write one is a secret', () => {
    const value = `Basic ${Buffer.from('kickoff:pass:word').toString('base64')}`;
    const { config } = loading({ url, secretHeaders: { Authorization } }, { STEP_HEADER_ERP: ` ${value} ` });
    expect(config?.stepCalls.headerValues).toEqual({ STEP_HEADER_ERP: value });
    expect(config?.secrets).toEqual(expect.arrayContaining([value, value.slice(6), 'kickoff:pass:word', 'pass:word']));
    expect(config?.secrets).not.toContain('Basic');
    expect(JSON.stringify(config?.kickoff)).not.toContain(value);
  });

  it('are what plain headers with a credential are told to be', () => {
    for (const name of ['Authorization', 'cookie']) {
      expect(faultsOf({ url, headers: { [name]: 'x' } })).toEqual([
        expect.stringContaining('name it under secretHeaders, with the variable that holds its value (STEP_HEADER_…)'),
      ]);
    }
  });

  it('whose variable is not set are a fault, once for each variable', () => {
    const sends = {
      secretHeaders: { Authorization },
      undoWith: { url, secretHeaders: { 'X-Key': 'STEP_HEADER_ERP' } },
    };
    expect(loading({ url, ...sends }, { STEP_HEADER_ERP: '  ' }).faults).toEqual([
      'STEP_HEADER_ERP: is not set; step erp of on_booked sends it as Authorization',
    ]);
    expect(faultsOf({ url, undoWith: { url, secretHeaders: { Cookie: 'STEP_HEADER_X' } } })).toEqual([
      'STEP_HEADER_X: is not set; step erp of on_booked sends it as Cookie',
    ]);
  });

  it.each([
    ['a line break', 'secret-word\r\nX-Injected: 1', 'holds a line break'],
    ['a line break at its end', 'secret-word\n', 'holds a line break'],
    ['a letter that is none of ASCII', 'secret-wörd', 'that no header can carry'],
    ['too few characters', 's3cr', 'is shorter than 6 characters'],
  ])('are refused with %s, and not shown', (_name, value, words) => {
    const { faults } = loading({ url, secretHeaders: { Authorization } }, { STEP_HEADER_ERP: value });
    expect(faults).toEqual([expect.stringContaining(words)]);
    expect(faults.join()).not.toContain('s3cr');
    expect(faults.join()).not.toContain('secret-w');
  });

  it.each([
    [{ Authorization: 'Basic c2VjcmV0' }, 'secretHeaders.Authorization: must name a variable'],
    [{ Authorization: 'JIRA_TOKEN' }, 'secretHeaders.Authorization: must name a variable'],
    [{ Authorization: `STEP_HEADER_${'X'.repeat(61)}` }, 'secretHeaders.Authorization: must name a variable'],
    [{ Host: 'STEP_HEADER_ERP' }, 'secretHeaders.Host: is set by every call itself'],
    [{ 'Idempotency-Key': 'STEP_HEADER_ERP' }, 'secretHeaders.Idempotency-Key: is Kickoff’s own'],
    [{ 'Proxy-Authorization': 'STEP_HEADER_ERP' }, 'secretHeaders.Proxy-Authorization: is for a proxy'],
    [{ 'X-TENANT': 'STEP_HEADER_ERP' }, 'secretHeaders.X-TENANT: stands under headers, too'],
    [{ cookie: 'STEP_HEADER_ERP', Cookie: 'STEP_HEADER_ERP' }, 'secretHeaders.cookie: stands here twice'],
  ])('%j are refused', (secretHeaders, words) => {
    const step = { url, headers: { 'X-Tenant': 'a' }, secretHeaders };
    const env = { STEP_HEADER_ERP: 'a-long-secret' };
    expect(loading(step, env).faults[0]).toContain(`${where}.${words}`);
    const undo = { url, undoWith: { ...step } };
    expect(loading(undo, env).faults[0]).toContain(`${where}.undoWith.${words}`);
  });
});
