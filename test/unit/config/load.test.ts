import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, loadConfig } from '../../../config/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kickoff-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string, name = 'kickoff.config.yaml'): void {
  writeFileSync(join(folder, name), text);
}

function faultsOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('no fault was found');
}

describe('loadConfig', () => {
  it('is content with nothing at all', () => {
    const config = loadConfig({ env: {}, cwd: folder });
    expect(config.kickoff).toMatchObject({ durationMinutes: 60, windowDays: 10, steps: { on_booked: [] } });
    expect(config.skipup).toMatchObject({
      baseUrl: 'https://api.skipup.ai/api/v1',
      apiKey: undefined,
      webhookSecrets: [],
      tolerance: { pastSeconds: 7200, futureSeconds: 300 },
      requestsPerMinute: 120,
    });
    expect(config.temporal).toMatchObject({ address: 'localhost:7233', explicit: false, namespace: 'default' });
    expect(config.crm).toEqual({});
    expect(config.dataDir).toBe(join(folder, '.kickoff'));
    expect(config.file).toBeUndefined();
  });

  it('reads secrets from the environment and the rest from the file', () => {
    file('crm:\n  hubspot: {}\n  generic: {}\nkickoff:\n  windowDays: 14\n');
    const config = loadConfig({
      env: {
        SKIPUP_API_KEY: 'sk_live_1',
        SKIPUP_WEBHOOK_SECRETS: 'new-one, old-one,',
        SKIPUP_BASE_URL: 'http://localhost:9/api/v1/',
        HUBSPOT_CLIENT_SECRET: 'client',
        HUBSPOT_ACCESS_TOKEN: 'access',
        DEAL_TRIGGER_TOKENS: 'one,two',
        PUBLIC_URL: 'https://hooks.example.com/',
        PORT: '0',
        KICKOFF_HOST: '0.0.0.0',
        DATABASE_URL: 'postgres://user:word@db/kickoff',
      },
      cwd: folder,
      require: ['SKIPUP_API_KEY', 'DATABASE_URL', 'PUBLIC_URL'],
    });
    // These three are plain strings for the compiler, because they are required above.
    const certain: string[] = [config.skipup.apiKey, config.database.url, config.server.publicUrl];
    expect(certain).toEqual(['sk_live_1', 'postgres://user:word@db/kickoff', 'https://hooks.example.com']);
    expect(config.skipup.baseUrl).toBe('http://localhost:9/api/v1');
    expect(config.skipup.webhookSecrets).toEqual(['new-one', 'old-one']);
    expect(config.crm.hubspot).toMatchObject({
      baseUrl: 'https://api.hubapi.com',
      apiVersion: '2026-03',
      signatures: ['v3'],
      clientSecret: 'client',
      accessToken: 'access',
    });
    expect(config.crm.generic).toMatchObject({ secrets: [], tokens: ['one', 'two'] });
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 0 });
    expect(config.kickoff.windowDays).toBe(14);
    expect(config.file).toBe('kickoff.config.yaml');
    expect(config.secrets).toContain('old-one');
    expect(config.secrets).toContain('postgres://user:word@db/kickoff');
  });

  it('lists every fault of environment and file at once, with path and line', () => {
    file('kickoff:\n  windowDays: 400\n  windwDays: 3\nassembly:\n  maxParticipants: many\ninbx: {}\n');
    const message = faultsOf(() =>
      loadConfig({
        env: { PORT: 'http', LOG_LEVEL: 'loud', SKIPUP_BASE_URL: 'ftp://x', SKIPUP_API_KEY: 'pk_wrong' },
        cwd: folder,
        require: ['SKIPUP_API_KEY', 'SKIPUP_WEBHOOK_SECRETS', 'DATABASE_URL'],
      }),
    );
    expect(message).toMatch(/^The configuration has 10 faults:/);
    expect(message).toContain('kickoff.windowDays: too big: expected number to be <=90 (kickoff.config.yaml, line 2)');
    expect(message).toContain(
      'kickoff.windwDays: is not an option; did you mean windowDays? (kickoff.config.yaml, line 3)',
    );
    expect(message).toContain(
      'assembly.maxParticipants: expected number, received string (kickoff.config.yaml, line 5)',
    );
    expect(message).toContain('inbx: is not an option; did you mean inbox?');
    expect(message).toContain('PORT: must be a port');
    expect(message).toContain('LOG_LEVEL: must be one of trace, debug');
    expect(message).toContain('SKIPUP_BASE_URL: must be an http(s) URL');
    expect(message).toContain('SKIPUP_API_KEY: must begin with sk_');
    expect(message).toContain('SKIPUP_WEBHOOK_SECRETS: is not set; ');
    expect(message).toContain('DATABASE_URL: is not set; ');
    expect(message).not.toContain('pk_wrong');
  });

  it('refuses secrets in the file, by name and by look, without repeating them', () => {
    file(
      [
        'skipup:',
        '  apiKey: verysecret1',
        'crm:',
        '  hubspot:',
        '    access_token: verysecret2',
        'kickoff:',
        '  vendor: sk_live_verysecret3',
        '  steps:',
        '    on_won:',
        '      - { id: x, kind: slack, text: "https://hooks.slack.com/services/T0/B0/verysecret4" }',
      ].join('\n'),
    );
    const message = faultsOf(() => loadConfig({ env: {}, cwd: folder }));
    expect(message).toContain('skipup.apiKey: secrets are read from the environment only');
    expect(message).toContain('crm.hubspot.access_token: secrets are read from the environment only');
    expect(message).toContain('kickoff.vendor: looks like a secret');
    expect(message).toContain('kickoff.steps.on_won[0].text: looks like a secret');
    expect(message).not.toContain('verysecret');
  });

  it('names the step lists and kinds that exist', () => {
    file(
      'kickoff:\n  steps:\n    on_book: []\n    on_booked:\n      - { id: a, kind: fax }\n      - { id: b, kind: slack, txt: hi }\n',
    );
    const message = faultsOf(() => loadConfig({ env: {}, cwd: folder }));
    expect(message).toContain('kickoff.steps.on_book: is not an option; did you mean on_booked?');
    expect(message).toMatch(/kickoff\.steps\.on_booked\[0\]\.kind: .*'crm_status'/);
    expect(message).toContain('kickoff.steps.on_booked[1].text: is missing (string)');
    expect(message).toContain('kickoff.steps.on_booked[1].txt: is not an option; did you mean text?');
  });

  it('refuses an id that two steps have', () => {
    file(
      'kickoff:\n  steps:\n    on_won:\n      - { id: a, kind: slack, text: x }\n    on_booked:\n      - { id: a, kind: slack, text: y }\n',
    );
    expect(faultsOf(() => loadConfig({ env: {}, cwd: folder }))).toContain(
      'kickoff.steps.on_booked[0].id: a is the id of kickoff.steps.on_won[0] already; every step needs its own (kickoff.config.yaml, line 6)',
    );
  });

  it('refuses two backfills of one name, and one of a CRM that is not configured', () => {
    file(
      'crm: { hubspot: {} }\nbackfill:\n  schedules:\n    - { name: a, crm: hubspot }\n    - { name: a, crm: salesforce }\n',
    );
    const faults = faultsOf(() => loadConfig({ env: {}, cwd: folder }));
    expect(faults).toContain(
      'backfill.schedules[1].name: a is the name of backfill.schedules[0] already (kickoff.config.yaml, line 5)',
    );
    expect(faults).toContain(
      'backfill.schedules[1].crm: salesforce is not configured: name it under crm:, {} takes every default (kickoff.config.yaml, line 5)',
    );
  });

  it('asks for a CRM’s secrets only when that CRM is configured, and for Slack only when a step uses it', () => {
    const require = [
      'HUBSPOT_CLIENT_SECRET',
      'HUBSPOT_ACCESS_TOKEN',
      'DEAL_TRIGGER_SECRETS',
      'SLACK_WEBHOOK_URL',
    ] as const;
    expect(loadConfig({ env: {}, cwd: folder, require }).crm).toEqual({});
    file(
      'crm: { hubspot: {}, generic: {} }\nkickoff:\n  steps:\n    on_won:\n      - { id: a, kind: slack, text: x }\n',
    );
    const message = faultsOf(() => loadConfig({ env: {}, cwd: folder, require }));
    for (const name of require) expect(message).toContain(`${name}: is not set`);
    const tokens = faultsOf(() => loadConfig({ env: { DEAL_TRIGGER_TOKENS: 'a-token' }, cwd: folder, require }));
    expect(tokens).not.toContain('DEAL_TRIGGER_SECRETS');
  });

  it('counts an empty variable as not set', () => {
    const config = loadConfig({
      env: { TEMPORAL_ADDRESS: '', PORT: '', SKIPUP_API_KEY: ' ', KICKOFF_CONFIG: '' },
      cwd: folder,
    });
    expect(config.temporal.explicit).toBe(false);
    expect(config.server.port).toBe(3000);
    expect(config.skipup.apiKey).toBeUndefined();
  });

  it('takes the file that is named and says when it is not there', () => {
    file('kickoff: { vendor: Named }', 'other.yaml');
    expect(loadConfig({ env: {}, cwd: folder, configFile: 'other.yaml' }).kickoff.vendor).toBe('Named');
    expect(loadConfig({ env: { KICKOFF_CONFIG: 'other.yaml' }, cwd: folder }).kickoff.vendor).toBe('Named');
    expect(faultsOf(() => loadConfig({ env: {}, cwd: folder, configFile: 'none.yaml' }))).toContain(
      'none.yaml: there is no such file',
    );
  });

  it('says where the YAML itself is broken, and survives a file that is no mapping', () => {
    file('kickoff:\n  vendor: "open\n');
    expect(faultsOf(() => loadConfig({ env: {}, cwd: folder }))).toMatch(/is not YAML: .*line \d+\)/);
    file('- a\n- b\n');
    expect(faultsOf(() => loadConfig({ env: {}, cwd: folder }))).toContain('(file): expected object, received array');
    file('');
    expect(loadConfig({ env: {}, cwd: folder }).kickoff.windowDays).toBe(10);
  });

  it('finds labels whatever their case', () => {
    file('assembly:\n  labels:\n    LMS Admin: platform_admin\n');
    expect(loadConfig({ env: {}, cwd: folder }).assembly.labels).toEqual({ 'lms admin': 'platform_admin' });
  });
});

describe('Temporal’s own environment configuration', () => {
  it('takes address, namespace, key and TLS from the environment', () => {
    const { temporal } = loadConfig({
      env: {
        TEMPORAL_ADDRESS: 'cloud.example.com:7233',
        TEMPORAL_NAMESPACE: 'team',
        TEMPORAL_API_KEY: 'key-of-temporal',
      },
      cwd: folder,
    });
    expect(temporal).toMatchObject({ address: 'cloud.example.com:7233', explicit: true, namespace: 'team' });
    expect(temporal.connectionOptions).toMatchObject({ apiKey: 'key-of-temporal', tls: true });
  });

  it('takes a profile of temporal.toml', () => {
    file('[profile.staging]\naddress = "staging:7233"\nnamespace = "stage"\n', 'temporal.toml');
    const env = { TEMPORAL_CONFIG_FILE: join(folder, 'temporal.toml'), TEMPORAL_PROFILE: 'staging' };
    expect(loadConfig({ env, cwd: folder }).temporal).toMatchObject({ address: 'staging:7233', namespace: 'stage' });
    expect(faultsOf(() => loadConfig({ env: { ...env, TEMPORAL_PROFILE: 'none' }, cwd: folder }))).toContain(
      "TEMPORAL_*: Profile 'none' not found",
    );
  });
});
