import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { applyAndLogSchedules } from '../../../cli/apply-and-log-schedules.ts';
import type { CommandContext } from '../../../cli/command-context.ts';
import * as commands from '../../../cli/commands/schedules.ts';
import type { JsonDocument } from '../../../cli/output.ts';
import { loadConfig } from '../../../config/index.ts';
import { connect } from '../../../temporal/index.ts';
import { describeTemporal } from '../../harness/temporal.ts';

type Said = { documents: JsonDocument[]; text: string };

describeTemporal('`kickoff schedules`', (temporal) => {
  const folder = mkdtempSync(join(tmpdir(), 'kickoff-schedules-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const configure = (config: object) => writeFileSync(join(folder, 'kickoff.config.yaml'), JSON.stringify(config));
  const hubspot = { crm: { hubspot: {} } };
  const backfill = (name: string) => ({
    backfill: { schedules: [{ name, crm: 'hubspot', everyHours: 24, closedWithinDays: 7 }] },
  });

  async function say(work: (context: CommandContext) => Promise<void>, json = false): Promise<Said> {
    const documents: JsonDocument[] = [];
    const lines: string[] = [];
    const { config } = temporal();
    await work({
      env: { TEMPORAL_ADDRESS: config.address, TEMPORAL_NAMESPACE: config.namespace },
      cwd: folder,
      signal: new AbortController().signal,
      output: {
        json,
        interactive: false,
        emit: (document, text) => {
          if (json) documents.push(document);
          else if (text !== undefined) lines.push(text);
        },
      },
    });
    return { documents, text: lines.join('\n') };
  }
  const apply = (options: { prune?: boolean; dryRun?: boolean; json?: boolean } = {}) =>
    say((context) => commands.applySchedules(context, options), options.json);
  const list = () => say((context) => commands.listSchedules(context, {}));
  const listed = (count: number) =>
    vi.waitFor(async () => {
      let seen = 0;
      for await (const _schedule of temporal().client.schedule.list()) seen += 1;
      expect(seen).toBe(count);
    }, 15_000);

  beforeAll(() => configure({ ...hubspot, ...backfill('old') }));

  it('says that there is none, and with `--dry-run` only what would be made', async () => {
    expect((await list()).text).toBe('There is no Schedule. Make what is configured: kickoff schedules apply');
    const { text } = await apply({ dryRun: true });
    expect(text.split('\n')).toEqual([
      '+ kickoff-sweep every 5 min',
      '+ kickoff-catch-up every 15 min',
      '+ kickoff-backfill-old every 24 h',
    ]);
    const { documents } = await apply({ dryRun: true, json: true });
    expect(documents).toHaveLength(3);
    expect(documents[0]).toMatchObject({ type: 'schedule', id: 'kickoff-sweep', action: 'created', dryRun: true });
    expect((await list()).text).toMatch(/^There is no Schedule/);
  });

  it('says the difference first, then what was done, and then that there is nothing to change', async () => {
    const { text } = await apply();
    expect(text.split('\n').slice(2)).toEqual([
      '+ kickoff-backfill-old every 24 h',
      '✔ kickoff-sweep made',
      '✔ kickoff-catch-up made',
      '✔ kickoff-backfill-old made',
    ]);
    expect((await apply()).text).toBe('Nothing to change.');
    const { documents } = await apply({ json: true });
    expect(documents).toEqual(
      ['kickoff-sweep', 'kickoff-catch-up', 'kickoff-backfill-old'].map((id) => ({
        type: 'schedule',
        id,
        action: 'unchanged',
        changes: [],
        byHand: [],
      })),
    );
  });

  it('says field by field what changes, what stays as people have made it, and what is not wanted any more', async () => {
    await listed(3);
    configure({ ...hubspot, ...backfill('new'), sweep: { everyMinutes: 10 } });
    await say((context) => commands.pauseSchedule(context, { id: 'kickoff-catch-up', note: 'moving house' }));
    const { documents } = await apply({ dryRun: true, json: true });
    expect(documents).toMatchObject([
      {
        id: 'kickoff-sweep',
        action: 'updated',
        changes: [{ field: 'times', before: 'every 5 min', after: 'every 10 min' }],
      },
      { id: 'kickoff-catch-up', action: 'unchanged', byHand: ['paused (moving house)'] },
      { id: 'kickoff-backfill-new', action: 'created' },
      { id: 'kickoff-backfill-old', action: 'kept' },
    ]);
    expect((await apply()).text.split('\n')).toEqual([
      '~ kickoff-sweep every 5 min → every 10 min',
      '· kickoff-catch-up left as set by hand: paused (moving house)',
      '+ kickoff-backfill-new every 24 h',
      '- kickoff-backfill-old no longer configured; --prune removes it',
      '✔ kickoff-sweep changed',
      '✔ kickoff-backfill-new made',
    ]);
    await listed(4);
    expect((await apply({ prune: true })).text.split('\n')).toEqual([
      '· kickoff-catch-up left as set by hand: paused (moving house)',
      '- kickoff-backfill-old no longer configured',
      '✔ kickoff-backfill-old removed',
    ]);
    await listed(3);
  });

  it('switches the sweep off: it stays until it is pruned', async () => {
    configure({ ...hubspot, ...backfill('new'), sweep: { everyMinutes: 0 } });
    expect((await apply()).text).toContain('- kickoff-sweep no longer configured; --prune removes it');
    expect((await list()).text).toContain('kickoff-sweep  takes in what lost webhooks would have said');
    expect((await apply({ prune: true })).text).toContain('✔ kickoff-sweep removed');
    expect((await list()).text).not.toContain('kickoff-sweep');
  });

  it('has one run now, shows how its last run went, and lets a paused one go on', async () => {
    const id = 'kickoff-catch-up';
    const now = (json = false) => say((context) => commands.runSchedule(context, { id }), json);
    const [run] = (await now(true)).documents;
    expect(run).toMatchObject({ type: 'run', id, started: true, workflowId: expect.stringMatching(/^catchUp-/) });
    expect((await now()).text).toBe('kickoff-catch-up is running already; nothing was started.');
    const shown = (await list()).text.split('\n').slice(0, 3);
    expect(shown).toEqual([
      'kickoff-catch-up  takes in deals that were won and told nobody',
      '  every 15 min · PAUSED (moving house)',
      expect.stringMatching(/^ {2}last .* ago · next none while paused · one is running$/),
    ]);
    await temporal().client.workflow.getHandle(String(run?.workflowId)).terminate('too long');
    await say((context) => commands.resumeSchedule(context, { id, note: 'moved' }));
    const [, times, last, failure] = (await list()).text.split('\n');
    expect(times).toBe('  every 15 min (moved)');
    expect(last).toMatch(/^ {2}last .* ago, FAILED \(catchUp-[^)]+\) · next in \d+ /);
    expect(failure).toMatch(/✖ .*too long/);
  });

  it('says in a sentence that a Schedule is not there, or is not Kickoff’s', async () => {
    const { client } = temporal();
    await expect(say((context) => commands.pauseSchedule(context, { id: 'kickoff-swep' }))).rejects.toThrow(
      'Kickoff has no Schedule kickoff-swep. There are: kickoff-catch-up, kickoff-backfill-new',
    );
    await client.schedule.create({
      scheduleId: 'kickoff-sweep',
      spec: { intervals: [{ every: '1 day' }] },
      action: { type: 'startWorkflow', workflowType: 'chimney', taskQueue: 'theirs' },
    });
    configure({ ...hubspot, ...backfill('new') });
    await expect(apply()).rejects.toThrow(/kickoff-sweep already that starts chimney/);
  });

  it('the worker’s log has a line for each that was changed, and none when there is nothing to change', async () => {
    const { client } = temporal();
    await client.schedule.getHandle('kickoff-sweep').delete();
    const config = { ...loadConfig({ env: {}, cwd: '/' }), crm: { hubspot: {} } };
    const log = recordingLogger();
    await applyAndLogSchedules(client, config, log.logger);
    expect(log.lines()).toMatchObject([
      { level: 30, schedule: 'kickoff-sweep', action: 'created' },
      { level: 40, schedule: 'kickoff-backfill-new', action: 'kept' },
    ]);
    const faster = { ...config, sweep: { ...config.sweep, everyMinutes: 1 } };
    await applyAndLogSchedules(client, faster, log.logger);
    expect(log.lines()[2]).toMatchObject({
      action: 'updated',
      changes: [{ before: 'every 5 min', after: 'every 1 min' }],
    });
    await applyAndLogSchedules(client, faster, log.logger);
    expect(log.lines().filter(({ level }) => level === 30)).toHaveLength(2);
  });

  it('the worker goes on when they cannot be applied, and its log says so', async () => {
    const { client, close } = await connect(temporal().config);
    await close();
    const log = recordingLogger();
    await applyAndLogSchedules(client, { ...loadConfig({ env: {}, cwd: '/' }), crm: {} }, log.logger);
    expect(log.lines()).toMatchObject([{ level: 50, msg: expect.stringContaining('kickoff schedules apply') }]);
  });
});

function recordingLogger() {
  const written: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void written.push(line) });
  return { logger, lines: (): Record<string, unknown>[] => written.map((line) => JSON.parse(line)) };
}
