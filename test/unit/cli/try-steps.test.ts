import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recoveryTrials, stepTrials } from '../../../cli/try-steps.ts';
import { type Config, loadConfig } from '../../../config/index.ts';
import { fakeLinear, LINEAR_KEY } from '../../harness/fake-linear.ts';
import { MailServer } from '../../harness/mail-server.ts';
import { FakeSlack } from '../../harness/slack-web-api.ts';

const cwd = mkdtempSync(join(tmpdir(), 'kickoff-trials-'));
const mail = new MailServer();
const slack = new FakeSlack();
beforeAll(() => Promise.all([mail.start(), slack.start()]));
afterAll(async () => {
  await Promise.all([mail.stop(), slack.stop()]);
  rmSync(cwd, { recursive: true, force: true });
});

function configOf(env: Record<string, string>, more = '', linear = 'http://localhost:1'): Config {
  const bases = `slack: { baseUrl: ${slack.url} }\nlinear: { baseUrl: ${linear} }\n`;
  writeFileSync(join(cwd, 'kickoff.config.yaml'), `${bases}${more}`);
  return loadConfig({ env, cwd });
}

/** Each trial's name with what it says. */
async function tried(trials: ReturnType<typeof stepTrials>): Promise<Record<string, string>> {
  const told = trials.map(async ({ name, attempt }) => {
    const said = await attempt().then(
      (detail) => `✔ ${detail}`,
      (error: unknown) => `✖ ${error instanceof Error ? error.message : String(error)}`,
    );
    return [name, said] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}

describe('what steps depend on', () => {
  it('is tried as far as it is configured, and nothing is sent or posted', async () => {
    const { baseUrl } = await fakeLinear();
    expect(await tried(stepTrials(configOf({}), cwd))).toEqual({});
    const env = { SMTP_URL: mail.url, SLACK_BOT_TOKEN: slack.token, LINEAR_API_KEY: LINEAR_KEY };
    expect(await tried(stepTrials(configOf({ ...env, STEP_SIGNING_SECRETS: 'one,two' }, '', baseUrl), cwd))).toEqual({
      mail: '✔ the mail server takes SMTP_URL',
      Slack: '✔ Acme takes SLACK_BOT_TOKEN',
      Linear: '✔ Linear takes LINEAR_API_KEY',
      'signed calls': '✔ http steps are signed with 2 secret(s)',
    });
    expect([mail.taken, slack.messages]).toEqual([[], []]);
  });

  it('says which variable to correct', async () => {
    const env = {
      SMTP_URL: mail.url.replace(mail.password, 'another'),
      SLACK_BOT_TOKEN: 'xoxb-another',
      LINEAR_API_KEY: 'lin_api_another',
    };
    const { baseUrl } = await fakeLinear();
    const said = await tried(stepTrials(configOf(env, '', baseUrl), cwd));
    expect(said).toEqual({
      mail: '✖ the mail server does not take the user and password: correct SMTP_URL',
      Slack: expect.stringMatching(/^✖ .*SLACK_BOT_TOKEN/),
      Linear: expect.stringMatching(/^✖ .*LINEAR_API_KEY/),
    });
    expect(JSON.stringify(said)).not.toContain('another');
    const gone = await tried(stepTrials(configOf({ SMTP_URL: 'smtp://127.0.0.1:1' }), cwd));
    expect(gone).toEqual({ mail: expect.stringMatching(/^✖ the mail server cannot be used: .*ECONNREFUSED/) });
  });

  it('loads kinds of one’s own, and names the file that cannot be', async () => {
    writeFileSync(join(cwd, 'good.mjs'), "export default { name: 'workspace', run: async () => ({ detail: 'x' }) };\n");
    const good = await tried(stepTrials(configOf({}, 'stepKinds: [good.mjs]\n'), cwd));
    expect(good).toEqual({ 'step kinds of your own': '✔ workspace can be loaded' });
    const bad = await tried(stepTrials(configOf({}, 'stepKinds: [gone.mjs]\n'), cwd));
    expect(bad['step kinds of your own']).toMatch(/^✖ [\s\S]*stepKinds\[0\]: gone\.mjs: there is no file/);
  });
});

describe('what lead recovery depends on', () => {
  it('is a way for forms to come in, and a CRM that lets its leads be read', async () => {
    expect(recoveryTrials(configOf({}))).toEqual([]);
    const none = await tried(recoveryTrials(configOf({}, 'recovery: {}\n')));
    expect(none).toEqual({ forms: expect.stringMatching(/^✖ .*set FORM_TRIGGER_SECRETS or FORM_TRIGGER_TOKENS$/) });
    const env = { FORM_TRIGGER_TOKENS: 'token', HUBSPOT_ACCESS_TOKEN: 'a', HUBSPOT_CLIENT_SECRET: 'b' };
    const hubspot = 'crm: { hubspot: { baseUrl: http://127.0.0.1:1 } }\n';
    expect(await tried(recoveryTrials(configOf(env, `recovery: {}\n${hubspot}`)))).toEqual({
      forms: '✔ /triggers/form takes forms with a token, or by HubSpot',
      'leads of hubspot': expect.stringMatching(/^✖ .*HubSpot/),
    });
  });
});
