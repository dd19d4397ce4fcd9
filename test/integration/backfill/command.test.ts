import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { type BackfillOptions, backfill, backfillStatus, tellBackfill } from '../../../cli/commands/backfill.ts';
import { exampleFile } from '../../../cli/example-files.ts';
import type { JsonDocument } from '../../../cli/output.ts';
import { SkipUpClient } from '../../../skipup/index.ts';
import { inPhase, type TestStack } from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

// The example's rules, at the pace of tests.
const folder = mkdtempSync(join(tmpdir(), 'kickoff-backfill-'));
const configFile = join(folder, 'kickoff.config.yaml');
writeFileSync(
  configFile,
  [
    readFileSync(exampleFile('kickoff.config.yaml'), 'utf8'),
    'skipup: { requestsPerMinute: 100000 }',
    'backfill: { perMinute: 100000, inFlight: 50 }',
  ].join('\n'),
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeStack(
  'kickoff backfill, from HubSpot’s list to the requests at SkipUp',
  (stack) => {
    it('rehearses, starts each deal once, finds nothing left to do, and is steered from outside', async () => {
      await stack().control('PATCH', '/settings', { rateLimitPerMinute: 0 });
      await stack().control('POST', '/crm/deals/bulk', {
        count: 12,
        firstId: '1000000000',
        closedFrom: '2025-01-01T00:00:00Z',
        closedTo: '2025-02-01T00:00:00Z',
      });
      const window: BackfillOptions = { crm: 'hubspot', closedAfter: '2025-01-01', closedBefore: '2025-02-01' };

      const rehearsed = await command(stack(), (context) => backfill(context, { ...window, dryRun: true }));
      expect(rehearsed.error).toBeUndefined();
      expect(rehearsed.text).toMatch(/scanned 12, skipped 0, would start 12, failed 0/);
      expect(rehearsed.text).toMatch(/would start 1000000000 {2}2025-01-01 {2}Company 1000000000/);
      expect(await requestsAt(stack())).toBe(0);

      const done = await command(stack(), (context) => backfill(context, window));
      expect(done.error).toBeUndefined();
      expect(done.documents.at(0)).toEqual({
        type: 'backfill',
        id: 'backfill:hubspot:2025-01-01:2025-02-01',
        joined: false,
      });
      expect(done.documents.at(-1)).toMatchObject({ type: 'result', state: 'done', scanned: 12, started: 12 });
      for (let id = 1_000_000_000; id < 1_000_000_012; id += 1) await inPhase(stack(), String(id), 'scheduling');
      expect(await requestsAt(stack())).toBe(12);

      const again = await command(stack(), (context) => backfill(context, window));
      expect(again.documents.at(-1)).toMatchObject({ started: 0, skipped: { 'has a kickoff (scheduling)': 12 } });
      expect(await requestsAt(stack())).toBe(12);
    });

    it('leaves a slow one running when the showing is interrupted; another command joins it, and others steer it', async () => {
      await stack().control('POST', '/crm/deals/bulk', {
        count: 20,
        firstId: '2000000000',
        closedFrom: '2024-01-01T00:00:00Z',
        closedTo: '2024-02-01T00:00:00Z',
      });
      const slow: BackfillOptions = { crm: 'hubspot', closedAfter: '2024-01-01', closedBefore: '2024-02-01', rate: 20 };
      const id = 'backfill:hubspot:2024-01-01:2024-02-01';
      const interrupted = new AbortController();
      const showing = command(stack(), (context) => backfill(context, slow), interrupted.signal);
      await vi.waitFor(() => expect(showing.said()).toMatch(/has started\./), { timeout: 20_000 });
      interrupted.abort(new Error('interrupted'));
      const left = await showing;
      expect(left.error).toEqual(expect.objectContaining({ message: 'interrupted' }));
      expect(left.text).toMatch(`kickoff backfill status --id ${id}`);

      const joined = await command(stack(), (context) => backfill(context, { ...slow, detach: true }));
      expect(joined.documents.at(0)).toEqual({ type: 'backfill', id, joined: true });
      const tell = (update: Parameters<typeof tellBackfill>[2]) =>
        command(stack(), (context) => tellBackfill(context, {}, update));
      const paused = await vi.waitFor(
        async () => {
          const answer = await tell({ name: 'pause' });
          // The listing of workflows runs a little behind.
          expect(answer.error).toBeUndefined();
          return answer;
        },
        { timeout: 20_000 },
      );
      expect(paused.text).toMatch(/^The backfill (pauses|is paused)/);
      expect((await tell({ name: 'pause' })).error).toEqual(
        expect.objectContaining({ message: 'The backfill is paused already.', exitCode: 1 }),
      );
      expect((await tell({ name: 'rate', perMinute: 30 })).text).toMatch(/^From the next batch on: 30 a minute/);
      const status = await command(stack(), (context) => backfillStatus(context, { id }));
      expect(status.text).toMatch(/^backfill:hubspot:2024-01-01:2024-02-01: paused\nscanned (0|20), /);
      expect((await tell({ name: 'cancel', reason: 'seen enough' })).text).toMatch(/^The backfill is cancelled/);
      const ended = await command(stack(), (context) => backfill(context, { ...slow, rate: 100_000 }));
      // Whoever joins it hears how it ends; whoever comes later starts the rest.
      expect(['cancelled', 'done']).toContain(ended.documents.at(-1)?.state);
    });

    it('says in one line what was asked wrongly', async () => {
      const usage = async (options: BackfillOptions) => (await command(stack(), (at) => backfill(at, options))).error;
      expect(await usage({})).toEqual(
        expect.objectContaining({
          exitCode: 2,
          message: expect.stringMatching(/^--crm and --closed-after must be given, for example: kickoff backfill/),
        }),
      );
      const late = { crm: 'hubspot', closedAfter: '2025-02-01', closedBefore: '2025-01-01' } as const;
      expect(await usage(late)).toEqual(
        expect.objectContaining({
          exitCode: 2,
          message: expect.stringMatching(/^The input is not right\. closedBefore: must be after closedAfter\. A right/),
        }),
      );
      const unknown = await command(stack(), (at) => tellBackfill(at, { id: 'backfill:none' }, { name: 'pause' }));
      expect(unknown.error).toEqual(
        expect.objectContaining({ exitCode: 1, message: 'There is no backfill backfill:none that runs here.' }),
      );
    });

    async function requestsAt({ sandbox }: TestStack): Promise<number> {
      const client = new SkipUpClient({ apiKey: sandbox.apiKey, baseUrl: sandbox.apiBaseUrl });
      try {
        return (await client.meetingRequests.list({}).toArray({ limit: 1000 })).length;
      } finally {
        await client.close();
      }
    }
  },
  { configFile },
);

interface Said {
  documents: JsonDocument[];
  text: string;
  /** What it ended with, when it did not end well. */
  error: unknown;
}

/** Runs a command against the stack's Temporal and keeps what it says. */
function command(
  { config }: TestStack,
  run: (context: Parameters<typeof backfill>[0]) => Promise<void>,
  signal: AbortSignal = new AbortController().signal,
): Promise<Said> & { said: () => string } {
  const documents: JsonDocument[] = [];
  const lines: string[] = [];
  const output = {
    json: true,
    interactive: false,
    emit(document: JsonDocument, text?: string) {
      documents.push(document);
      if (text !== undefined) lines.push(text);
    },
  };
  const env = { TEMPORAL_ADDRESS: config.temporal.address, TEMPORAL_NAMESPACE: config.temporal.namespace };
  const ended = run({ env, cwd: folder, output, signal }).then(
    () => undefined,
    (error: unknown) => error,
  );
  const said = ended.then((error) => ({ documents, text: lines.join('\n'), error }));
  return Object.assign(said, { said: () => lines.join('\n') });
}
