import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CommandContext } from '../../../cli/command-context.ts';
import { listLeads, optLead, startLead } from '../../../cli/commands/leads.ts';
import { CliError, EXIT } from '../../../cli/errors.ts';
import { openDatabaseOf } from '../../../cli/open-database.ts';
import { createLogger, loadConfig } from '../../../config/index.ts';
import { claimRecovery, markRecoveryStarted, recordRecovery } from '../../../database/index.ts';
import { said } from '../registry/said.ts';

describe('kickoff leads', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'kickoff-leads-'));
  const env = { KICKOFF_DATA_DIR: join(cwd, 'data'), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const run = async (command: (context: CommandContext) => Promise<void>) => await said({ cwd, env }, command);
  const mistake = async (command: (context: CommandContext) => Promise<void>) => {
    const error = await run(command).catch((thrown: unknown) => thrown);
    if (!(error instanceof CliError)) throw new Error('it was accepted', { cause: error });
    return { message: error.message, exitCode: error.exitCode };
  };

  beforeAll(async () => {
    const config = loadConfig({ env, cwd });
    const database = await openDatabaseOf(config, createLogger({ level: 'silent' }));
    for (const [id, phase] of [
      ['one', 'scheduling'],
      ['two', 'needs_attention'],
    ] as const) {
      const workflowId = `lead:${id}:recovery:2026-02-08`;
      await claimRecovery(database.db, {
        workflowId,
        crm: 'hubspot',
        leadId: id,
        email: `${id}@acme.example`,
        attempt: 1,
        lead: {},
        form: {},
        origin: {},
      });
      await markRecoveryStarted(database.db, workflowId);
      await recordRecovery(database.db, {
        workflowId,
        phase,
        needs: phase === 'scheduling' ? [] : ['Nobody organizes.'],
      });
    }
    await database.close();
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it('list names recoveries with what they need, and nobody’s address', async () => {
    const { texts, ofType } = await run((context) => listLeads(context, { limit: 10 }));
    expect(texts.join()).not.toContain('@');
    expect(texts[0]?.split('\n').toSorted()).toEqual(
      expect.arrayContaining([
        'lead:one:recovery:2026-02-08  scheduling',
        'lead:two:recovery:2026-02-08  needs_attention  Nobody organizes.',
      ]),
    );
    expect(ofType('leads')).toMatchObject([{ counts: { scheduling: 1, needs_attention: 1 } }]);
    const open = await run((context) => listLeads(context, { phase: 'needs_attention', limit: 10 }));
    expect(open.ofType('leads')).toMatchObject([{ leads: [{ lead: 'two', phase: 'needs_attention' }] }]);
    expect(await mistake((context) => listLeads(context, { phase: 'asleep', limit: 10 }))).toEqual({
      message: expect.stringMatching(/^There is no phase asleep\. Phases: waiting, /),
      exitCode: EXIT.usage,
    });
  });

  it('opt-out says which recovery still runs, the second time who was first, and opt-in takes it back', async () => {
    const options = { reason: 'asked us to', by: 'kim' };
    const first = await run((context) => optLead(context, 'One@Acme.example', options, true));
    expect(first.texts).toEqual([
      'one@acme.example is not written to again.\nIts recovery runs: kickoff leads cancel lead:one:recovery:2026-02-08 --reason "opted out"',
    ]);
    const second = await run((context) => optLead(context, 'one@acme.example', { reason: 'again' }, true));
    expect(second.texts[0]).toMatch(/^one@acme\.example had opted out already: asked us to/);
    expect((await run((context) => optLead(context, 'one@acme.example', {}, false))).texts).toEqual([
      'one@acme.example may be written to again.',
    ]);
    expect(await mistake((context) => optLead(context, 'nobody', {}, true))).toEqual({
      message: 'nobody is no e-mail address.',
      exitCode: EXIT.usage,
    });
  });

  it('start says what is missing, before anything is opened', async () => {
    const lead = join(cwd, 'lead.json');
    expect(await mistake((context) => startLead(context, {}))).toMatchObject({ exitCode: EXIT.usage });
    expect(await mistake((context) => startLead(context, { lead: '1' }))).toEqual({
      message: expect.stringMatching(/^Leads are not recovered here: configure recovery:/),
      exitCode: EXIT.usage,
    });
    writeFileSync(join(cwd, 'kickoff.config.yaml'), 'recovery: {}\n');
    expect(await mistake((context) => startLead(context, { file: lead }))).toMatchObject({
      message: expect.stringMatching(/could not be read from/),
      exitCode: EXIT.usage,
    });
    writeFileSync(lead, '{"lead": {"name": "Sarah"}}');
    expect(await mistake((context) => startLead(context, { file: lead }))).toMatchObject({
      message: expect.stringMatching(/is not right \(lead\.email: /),
      exitCode: EXIT.usage,
    });
  });
});
