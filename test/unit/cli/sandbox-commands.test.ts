import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readDevSecrets } from '../../../cli/dev-secrets.ts';
import { report } from '../../../cli/errors.ts';
import type { JsonDocument } from '../../../cli/output.ts';
import { announceStack } from '../../../cli/ready-file.ts';
import { sandboxCommands } from '../../../cli/sandbox-commands.ts';
import { SAMPLE_LEAD_ID } from '../../../sandbox/index.ts';
import { verifyWebhook } from '../../../skipup/index.ts';
import type { Running } from '../sandbox/running.ts';
import { created, receiver, running, subscribe } from '../sandbox/running.ts';

const cwd = mkdtempSync(join(tmpdir(), 'kickoff-sandbox-commands-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

interface Said {
  code: number;
  /** What a person reads. */
  text: string;
  documents: JsonDocument[];
  error: string;
}

interface Surroundings {
  env?: Record<string, string>;
  signal?: AbortSignal;
  onDocument?: (document: JsonDocument) => void;
}

/** Runs `kickoff <args>` as the command line does, in this process. */
async function kickoff(
  args: string[],
  { env = {}, signal = new AbortController().signal, onDocument }: Surroundings = {},
) {
  const said: Said = { code: 0, text: '', documents: [], error: '' };
  const program = new Command('kickoff')
    .exitOverride()
    .configureOutput({ writeErr: (text) => (said.error += text), writeOut: (text) => (said.text += text) });
  const command = (name: string, description: string) =>
    program.command(name).copyInheritedSettings(program).description(description).option('--json');
  sandboxCommands({
    command,
    portOption: (flags, about, _variable, fallback) => new Option(flags, about).default(fallback).argParser(Number),
    run: async (options, work) => {
      const emit = (document: JsonDocument, text?: string) => {
        said.documents.push(document);
        onDocument?.(document);
        if (text !== undefined) said.text += `${text}\n`;
      };
      try {
        await work({ env, cwd, signal, output: { json: options.json === true, interactive: false, emit } });
      } catch (error) {
        const { message, exitCode } = report(error);
        Object.assign(said, { code: signal.aborted ? 130 : exitCode, error: message });
      }
    },
  });
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    said.code = 2;
    said.error ||= String(error);
  });
  return said;
}

const at = (sandbox: Running, ...args: string[]) => kickoff(['sandbox', ...args, '--url', sandbox.url]);

describe('kickoff sandbox trigger', () => {
  it('makes an event happen: the state changes and the webhook goes out', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url, { events: ['meeting_request.booked'] });
    const { id } = await created(sandbox);
    const said = await at(sandbox, 'trigger', 'meeting_request.booked', '--request', id);
    expect([said.code, said.error]).toEqual([0, '']);
    expect(said.text).toMatch(
      new RegExp(`^request  ${id}\nstatus   booked\nmeeting  2026-02-1\\S+ to 2026-02-1\\S+\n$`),
    );
    expect(said.documents).toMatchObject([{ type: 'triggered', request: { id, status: 'booked' } }]);
    await sandbox.advance('0ms');
    expect(hook.received).toHaveLength(1);
  });

  it('sends the webhook alone with --webhook-only', async () => {
    const sandbox = await running();
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url, { events: ['meeting_request.cancelled'] });
    const { id } = await created(sandbox);
    const args = ['trigger', 'meeting_request.cancelled', '--request', id, '--webhook-only', '--was-booked'];
    const said = await at(sandbox, ...args);
    expect(said.text).toMatch(/status {4}active\nwebhooks {2}wd_\w+\n$/);
    await sandbox.advance('0ms');
    expect(hook.received.map(({ raw }) => JSON.parse(raw))).toMatchObject([{ id, was_booked: true }]);
  });

  it('takes an organizer along, and deactivates members', async () => {
    const sandbox = await running();
    const { id } = await created(sandbox);
    const morgan = 'morgan.diaz@yourcompany.example';
    const args = ['trigger', 'meeting_request.organizer_changed', '--request', id, '--organizer', morgan];
    expect((await at(sandbox, ...args)).code).toBe(0);
    expect((await sandbox.api(`GET /meeting_requests/${id}`)).data.organizer_email).toBe(morgan);
    expect((await at(sandbox, 'trigger', 'member.deactivated', '--member', morgan)).text).toContain('is deactivated');
    expect((await sandbox.api(`GET /workspace_members?email=${morgan}`)).list).toEqual([]);
  });

  it('has the sample lead fill in a form, signed with the secret of the kickoff dev in this folder', async () => {
    const sandbox = await running();
    const hook = await receiver(202);
    await sandbox.control('POST /crm/webhook', { url: `${hook.url}/triggers/hubspot` });
    const folder = mkdtempSync(join(cwd, 'dev-'));
    onTestFinished(announceStack(folder, { temporal: 't', serve: hook.url, sandbox: sandbox.url }));
    const { formTrigger } = readDevSecrets(join(folder, 'secrets.json'));
    const env = { KICKOFF_DATA_DIR: folder };
    const plain = await kickoff(['sandbox', 'trigger', 'form.submitted'], { env });
    expect([plain.text, plain.error]).toEqual([`contact   ${SAMPLE_LEAD_ID}\nanswered  202\n`, '']);
    const own = await kickoff(['sandbox', 'trigger', 'form.submitted', '--via', 'own'], { env });
    expect([own.code, own.error]).toEqual([0, '']);
    const [first, second] = hook.received;
    expect(JSON.parse(first?.raw ?? '')).toMatchObject([{ objectId: Number(SAMPLE_LEAD_ID) }, {}, {}]);
    const signature = String(second?.headers['x-webhook-signature']);
    const verified = verifyWebhook({ body: second?.raw ?? '', signature, secrets: formTrigger });
    expect(verified.event).toBe('form.submitted');
    const elsewhere = await at(sandbox, 'trigger', 'form.submitted', '--via', 'own');
    expect(elsewhere.error).toContain('give "secret"');
  });

  it.each([
    [['trigger', 'meeting_request.booked'], 2, 'Which request? --request mr_…'],
    [['trigger', 'member.deactivated'], 2, 'Which member? --member <email>'],
    [['trigger', 'booked', '--request', 'mr_1'], 2, 'booked cannot be triggered'],
    [['trigger', 'meeting_request.boked', '--request', 'mr_1'], 2, 'meeting_request.booked, meeting_request.cancelled'],
    [['trigger', 'meeting_request.booked', '--request', 'mr_1'], 1, 'There is no meeting request mr_1.'],
    [['trigger', 'meeting_request.resumed', '--request', 'ID'], 1, 'must be paused'],
  ])('%j: exit code %i and one line', async (args, code, message) => {
    const sandbox = await running();
    const { id } = await created(sandbox);
    const said = await at(sandbox, ...args.map((arg) => (arg === 'ID' ? id : arg)));
    expect(said.code).toBe(code);
    expect(said.error).toContain(message);
    expect(said.error.split('\n')).toHaveLength(1);
  });
});

describe('kickoff sandbox deliveries', () => {
  it('are listed by what is asked for, and sent again one by one or all that failed', async () => {
    const sandbox = await running();
    const hook = await receiver(500);
    const { id: endpoint } = await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    await created(sandbox);
    await created(sandbox);
    await sandbox.advance('3h');
    const listed = await at(sandbox, 'deliveries', 'list', '--status', 'failed', '--limit', '1');
    expect(listed.text).toMatch(
      /^wd_\w+ {2}2026-02-10T14:00:00Z {2}failed {2}meeting_request\.created {2}8 attempts, answered 500 {2}mr_\w+\n… and 1 more: --limit 2\n$/,
    );
    const json = await kickoff(['sandbox', 'deliveries', 'list', '--url', sandbox.url, '--json']);
    expect(json.documents).toMatchObject([{ type: 'delivery', attempts: 8 }, { type: 'delivery' }]);
    const id = String(json.documents[0]?.id);

    const failing = await at(sandbox, 'deliveries', 'resend', id);
    expect([failing.code, failing.error]).toEqual([1, `${id} was sent again and not taken: answered 500.`]);
    hook.answers = [200];
    expect((await at(sandbox, 'deliveries', 'resend', id)).text).toBe(
      `✔ ${id}  meeting_request.created  answered 200\n`,
    );
    const rest = await at(sandbox, 'deliveries', 'resend', '--failed', '--endpoint', endpoint);
    expect([rest.code, rest.documents.at(-1)]).toEqual([0, { type: 'resent', count: 1, failed: 0 }]);
    expect((await at(sandbox, 'deliveries', 'list', '--status', 'failed')).text).toBe(
      'There are no such deliveries.\n',
    );
  });

  it.each([
    [['deliveries', 'resend'], 2, 'Say which'],
    [['deliveries', 'resend', 'wd_1'], 1, 'There is no delivery wd_1.'],
    [['deliveries', 'resend', '--failed', '--endpoint', 'we_1'], 1, 'There is no webhook endpoint we_1.'],
    [['deliveries', 'list', '--status', 'lost'], 2, 'Allowed choices are pending, success, failed'],
    [['deliveries', 'list', '--since', 'yesterday'], 1, 'since: '],
  ])('%j: exit code %i', async (args, code, message) => {
    const said = await at(await running(), ...args);
    expect([said.code, said.error]).toEqual([code, expect.stringContaining(message)]);
  });
});

describe('kickoff sandbox clock', () => {
  it('is shown, advanced, frozen, thawed and scaled', async () => {
    const sandbox = await running();
    const show = await at(sandbox, 'clock', 'show');
    expect(show.text).toBe('now      2026-02-10T14:00:00.000Z\nclock    frozen\nwaiting  0 tasks\n');
    await created(sandbox);
    const advanced = await at(sandbox, 'clock', 'advance', '2d');
    expect(advanced.documents).toMatchObject([{ type: 'clock', now: '2026-02-12T14:00:00.000Z', frozen: true }]);
    expect((await at(sandbox, 'clock', 'thaw')).text).toContain('runs as the wall clock does');
    expect((await at(sandbox, 'clock', 'scale', '3600')).text).toContain('runs 3600 times as fast');
    expect((await at(sandbox, 'clock', 'freeze')).documents).toMatchObject([{ frozen: true, scale: 3600 }]);
    expect((await at(sandbox, 'clock', 'scale', 'fast')).code).toBe(2);
    expect(await at(sandbox, 'clock', 'advance', 'soon')).toMatchObject({
      code: 1,
      error: expect.stringContaining('Not a length of time'),
    });
  });
});

describe('kickoff sandbox journal', () => {
  it('tells every call, line and delivery in words; --type and --after choose', async () => {
    const sandbox = await running({ fixture: { everybody: { needsFollowUps: 0 } } });
    const hook = await receiver(500, 200);
    await subscribe(sandbox, hook.url, { events: ['meeting_request.created'] });
    const { id } = await created(sandbox, {}, { 'idempotency-key': 'impl:1' });
    await sandbox.advance('1m');
    const { text } = await at(sandbox, 'journal');
    expect(text).toContain(`2026-02-10T14:00:00Z  POST /api/v1/meeting_requests → 202  impl:1`);
    expect(text).toContain(`${id}  created, now active`);
    expect(text).toMatch(
      /webhook meeting_request\.created failed, attempt 1 {2}wd_\w+ → http\S+ {2}answered 500 {2}again at /,
    );
    expect(text).toMatch(/SkipUp: Jamie, Jordan Lee would like to meet/);
    const calls = await at(sandbox, 'journal', '--type', 'api');
    expect(calls.documents.map(({ type, path }) => [type, path])).toEqual([
      ['api', '/api/v1/webhook_endpoints'],
      ['api', '/api/v1/meeting_requests'],
    ]);
    const last = Number(calls.documents.at(-1)?.seq);
    expect((await at(sandbox, 'journal', '--type', 'api', '--after', String(last))).text).toBe('');
    expect((await at(sandbox, 'journal', '--type', 'gossip')).code).toBe(1);
  });

  it('goes on with --follow, and ends when it is interrupted', async () => {
    const sandbox = await running();
    const interrupted = new AbortController();
    const paths: unknown[] = [];
    const following = kickoff(['sandbox', 'journal', '--follow', '--type', 'api', '--url', sandbox.url], {
      signal: interrupted.signal,
      onDocument: ({ path }) => paths.push(path),
    });
    await sandbox.api('GET /workspace_members');
    await vi.waitFor(() => expect(paths).toEqual(['/api/v1/workspace_members']));
    await sandbox.api('GET /webhook_endpoints');
    await vi.waitFor(() => expect(paths).toHaveLength(2));
    interrupted.abort();
    expect((await following).code).toBe(130);
  });
});

describe('kickoff sandbox faults', () => {
  it('are put in force in words or JSON, shown and taken back', async () => {
    const sandbox = await running();
    const added = await at(sandbox, 'faults', 'add', 'status=503', 'next=1', 'path=/meeting_requests', 'delay=5ms');
    expect(added.text).toBe(
      'fault_1  status  struck 0 times  next=1 path=/meeting_requests when=before status=503\n' +
        'fault_2  delay   struck 0 times  when=before delayMs=5\n',
    );
    expect((await sandbox.api('GET /meeting_requests', { struck: true })).status).toBe(503);
    await at(sandbox, 'faults', 'add', '{"fault": "webhook_drop"}');
    const listed = await at(sandbox, 'faults', 'list');
    expect(listed.text.split('\n').map((line) => line.split(/ {2,}/).slice(1, 3))).toMatchObject([
      ['status', 'struck once'],
      ['delay', 'struck once'],
      ['webhook_drop', 'struck 0 times'],
      [],
    ]);
    expect((await at(sandbox, 'faults', 'clear', 'fault_2')).text).toBe('1 fault taken back\n');
    expect((await at(sandbox, 'faults', 'clear')).text).toBe('2 faults taken back\n');
    expect((await at(sandbox, 'faults', 'list')).text).toBe('No fault is in force.\n');
    expect(await at(sandbox, 'faults', 'add', 'explode')).toMatchObject({
      code: 2,
      error: expect.stringContaining('There is no fault explode. There are: status, delay, drop'),
    });
    expect(await at(sandbox, 'faults', 'clear', 'fault_9')).toMatchObject({
      code: 1,
      error: 'There is no fault rule fault_9.',
    });
  });
});

describe('kickoff sandbox transcript', () => {
  it('shows who said what to whom, and what came of it', async () => {
    const sandbox = await running({ fixture: { everybody: { busy: [], replyAfterHours: 1, needsFollowUps: 0 } } });
    const { id } = await created(sandbox);
    await sandbox.advance('2d');
    const { text, documents } = await at(sandbox, 'transcript', id);
    expect(text).toMatch(
      /2026-02-10T14:01:00Z {2}SkipUp → jamie\.chen@acme-corp\.example {2,}Jamie, Jordan Lee would like/,
    );
    expect(text.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^${id} is booked, the meeting is from 2026-02-1`));
    expect(documents).toMatchObject([{ type: 'transcript', id, status: 'booked' }]);
    expect(await at(sandbox, 'transcript', 'mr_1')).toMatchObject({
      code: 1,
      error: 'There is no meeting request mr_1.',
    });
  });
});

describe('a sandbox as a whole', () => {
  it('is kept in a file that only its owner can read, put back, and reset', async () => {
    const sandbox = await running();
    const { id } = await created(sandbox);
    const kept = await at(sandbox, 'snapshot', 'kept.json');
    expect([kept.code, kept.error]).toEqual([0, '']);
    expect(statSync(join(cwd, 'kept.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(cwd, 'kept.json'), 'utf8')).toContain(id);
    expect((await at(sandbox, 'reset', '--seed', 'another')).text).toBe(
      'Reset: seed another, and it is 2026-02-10T14:00:00.000Z.\n',
    );
    expect((await sandbox.api('GET /meeting_requests')).list).toEqual([]);
    const restored = await at(sandbox, 'restore', 'kept.json');
    expect(restored.text).toBe('Restored: 1 meeting request, and it is 2026-02-10T14:00:00.000Z.\n');
    expect((await sandbox.api('GET /meeting_requests')).list).toMatchObject([{ id }]);
    writeFileSync(join(cwd, 'other.json'), '{"a": 1}');
    expect((await at(sandbox, 'restore', 'other.json')).code).toBe(1);
    expect((await at(sandbox, 'restore', 'missing.json')).code).toBe(2);
  });

  it('stands beside others, and each is steered by its name', async () => {
    const sandbox = await running();
    const side = sandbox.namespace({ name: 'side', seed: 'side', clock: { frozenAt: '2026-03-02T09:00:00Z' } });
    const { text } = await at(sandbox, 'namespaces');
    expect(text.split('\n').map((line) => line.split(/ +/)[0])).toEqual(['main', side.name, '']);
    expect((await at(sandbox, 'clock', 'advance', '1d', '--namespace', 'side')).text).toContain('2026-03-03T09:00:00');
    expect((await at(sandbox, 'clock', 'show', '--namespace', 'main')).text).toContain('2026-02-10T14:00:00');
    expect(await at(sandbox, 'clock', 'show', '--namespace', 'nowhere')).toMatchObject({
      code: 1,
      error: 'There is no namespace nowhere.',
    });
  });
});

describe('a group of commands', () => {
  it.each([
    ['clock', 'now '],
    ['deliveries', 'There are no such deliveries.'],
    ['faults', 'No fault is in force.'],
  ])('kickoff sandbox %s shows what there is', async (group, text) => {
    expect((await at(await running(), group)).text).toContain(text);
  });

  it('knows what it does not know', async () => {
    expect(await kickoff(['sandbox', 'bogus'])).toMatchObject({
      code: 2,
      error: expect.stringContaining("unknown command 'bogus'"),
    });
  });
});

describe('where the sandbox is', () => {
  it('is said by --url, else by the environment: its URL or its port', async () => {
    const sandbox = await running();
    const show = ['sandbox', 'clock', 'show'];
    const { port } = new URL(sandbox.url);
    for (const env of [{ KICKOFF_SANDBOX_URL: sandbox.url }, { KICKOFF_SANDBOX_PORT: port }]) {
      expect((await kickoff(show, { env })).text).toContain('2026-02-10T14:00:00.000Z');
    }
    const elsewhere = { KICKOFF_SANDBOX_URL: 'http://127.0.0.1:1' };
    expect((await kickoff([...show, '--url', sandbox.url], { env: elsewhere })).code).toBe(0);
    expect(await kickoff(show, { env: elsewhere })).toMatchObject({
      code: 1,
      error:
        'No sandbox answers at http://127.0.0.1:1. Start one: kickoff sandbox. Or say where it is: --url, KICKOFF_SANDBOX_URL.',
    });
    expect((await kickoff([...show, '--url', 'nowhere'])).code).toBe(2);
  });

  it('is noticed to be something else', async () => {
    const other = await receiver(200);
    expect(await kickoff(['sandbox', 'clock', 'show', '--url', other.url])).toMatchObject({
      code: 1,
      error: expect.stringContaining('is not this version’s sandbox'),
    });
  });
});

describe('kickoff sandbox itself', () => {
  it('starts one, with a fixture if so asked, until it is interrupted', async () => {
    writeFileSync(
      join(cwd, 'people.yaml'),
      'members:\n  - { email: kim@yourcompany.example, name: Kim }\neverybody: { country: DE }\nholidays: { DE: ["2026-05-01"] }\n',
    );
    const interrupted = new AbortController();
    let ready: JsonDocument | undefined;
    const serving = kickoff(['sandbox', '--port', '0', '--seed', 'cli', '--fixture', 'people.yaml', '--json'], {
      signal: interrupted.signal,
      onDocument: (document) => {
        ready ??= document;
      },
    });
    const { sandbox, apiKey } = await vi.waitFor(() => {
      if (ready === undefined) throw new Error('not ready yet');
      return ready;
    });
    const found = await fetch(`${sandbox}/api/v1/workspace_members?email=kim@yourcompany.example`, {
      headers: { authorization: `Bearer ${apiKey}` },
    });
    expect(await found.json()).toMatchObject({ data: [{ name: 'Kim' }] });
    interrupted.abort();
    expect((await serving).code).toBe(0);
  });

  it.each([
    ['everybody: { country: FR }', 1, 'everybody.country: There are no holidays of FR'],
    ['people: [', 2, 'cannot be read'],
  ])('says what is wrong with a fixture: %s', async (written, code, message) => {
    writeFileSync(join(cwd, 'wrong.yaml'), written);
    const said = await kickoff(['sandbox', '--port', '0', '--fixture', 'wrong.yaml']);
    expect([said.code, said.error]).toEqual([code, expect.stringContaining(message)]);
  });
});
