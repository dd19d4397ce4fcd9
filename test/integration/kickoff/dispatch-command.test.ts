import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { type DispatchOptions, dispatch } from '../../../cli/commands/dispatch.ts';
import { report } from '../../../cli/errors.ts';
import { kickoffsOfDeal } from '../../../cli/kickoffs-of-deal.ts';
import { endCommands, type Line, startCommand } from '../../harness/process.ts';
import { inPhase, newDeal, type TestStack, winQuietly } from '../../harness/stack.ts';
import { describeStack } from '../../harness/stacks.ts';

const cwd = mkdtempSync(join(tmpdir(), 'kickoff-by-hand-'));
afterEach(endCommands);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** A command with `--json`: its exit code, its documents, what it says of a failure. */
async function run(stack: TestStack, args: string[]): Promise<{ code: number | null; lines: Line[]; message: string }> {
  const { address, namespace } = stack.config.temporal;
  const command = startCommand(args, { cwd, env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } });
  const code = await command.exited;
  return { code, lines: command.lines, message: command.stderr().trim() };
}

/** `kickoff dispatch` in this process: starting one takes a second. */
async function dispatched(stack: TestStack, options: DispatchOptions): ReturnType<typeof run> {
  const { address, namespace } = stack.config.temporal;
  const lines: Line[] = [];
  const output = { json: true, interactive: false, emit: (line: Line) => void lines.push(line) };
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  try {
    await dispatch({ env, cwd, output, signal: new AbortController().signal }, options);
    return { code: 0, lines, message: '' };
  } catch (error) {
    const { message, exitCode } = report(error);
    return { code: exitCode, lines, message };
  }
}

async function wonDeal(stack: TestStack): Promise<string> {
  const dealId = await newDeal(stack);
  await winQuietly(stack, dealId);
  return dealId;
}

describeStack('kickoff dispatch', (stack) => {
  it('--dry-run shows the kickoff in one document and starts nothing; without it the kickoff starts', async () => {
    const dealId = await wonDeal(stack());
    const rehearsed = await run(stack(), ['dispatch', '--deal', dealId, '--dry-run']);
    expect(rehearsed).toMatchObject({ code: 0, message: '', lines: [{ type: 'preview', started: false }] });
    const preview = rehearsed.lines[0]?.preview;
    expect(preview).toMatchObject({ deal: { id: dealId }, key: expect.stringContaining(`impl:${dealId}:`) });
    const started = await run(stack(), ['dispatch', '--deal', dealId]);
    expect(started).toMatchObject({
      code: 0,
      lines: [{ type: 'dispatched', started: true, workflowId: `kickoff:${dealId}`, preview }],
    });
    await inPhase(stack(), dealId, 'scheduling');
  });

  it('takes a whole deal from a file, also in the form that the Temporal UI takes', async () => {
    const id = `file-${crypto.randomUUID()}`;
    const deal = {
      id,
      crm: 'generic',
      name: 'Whole',
      account: { id: `account-${id}`, name: 'Whole Ltd' },
      isWon: false,
      contacts: [{ email: 'lead@whole.example', labels: ['Champion'] }],
    };
    writeFileSync(join(cwd, 'deal.json'), JSON.stringify(deal));
    writeFileSync(join(cwd, 'input.json'), JSON.stringify({ deal }));
    for (const file of ['deal.json', 'input.json']) {
      const told = await dispatched(stack(), { dealFile: file, dryRun: true });
      expect(told).toMatchObject({ code: 0, lines: [{ message: expect.stringMatching(/The deal is not won\.$/) }] });
    }
    const shown = await dispatched(stack(), { dealFile: 'input.json', dryRun: true });
    expect(shown).toMatchObject({ code: 0, lines: [{ message: expect.stringMatching(/^Would start/) }] });
  });

  it.each<[string, DispatchOptions, RegExp]>([
    ['no deal', {}, /^Name the deal: either --deal <id> or --deal-file <file>\.$/],
    ['two deals', { deal: '5', dealFile: 'x.json' }, /^Name the deal: either/],
    ['a file that is not there', { dealFile: 'none.json' }, /^The deal could not be read from none\.json: /],
    ['a wrong field', { deal: '5', crm: 'fax' }, /^The input is not right:\n- crm: must be one of /],
  ])('%s: exit code 2, and a sentence', async (_name, options, words) => {
    const { code, message } = await dispatched(stack(), options);
    expect(message).toMatch(words);
    expect(message).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });

  it('a deal with several kickoffs: status lists them, a command asks which, --workstream says it', async () => {
    const dealId = await wonDeal(stack());
    for (const stream of [[], ['--workstream', 'data']]) {
      expect((await run(stack(), ['dispatch', '--deal', dealId, ...stream])).code).toBe(0);
    }
    const { client } = stack().services.temporal;
    await vi.waitFor(async () => expect(await kickoffsOfDeal(client, dealId, { onlyRunning: true })).toHaveLength(2), {
      timeout: 20_000,
      interval: 100,
    });
    expect(await run(stack(), ['status', '--deal', dealId])).toMatchObject({
      code: 0,
      lines: [
        { type: 'kickoffs', kickoffs: [{ workflowId: `kickoff:${dealId}` }, { workflowId: `kickoff:${dealId}:data` }] },
      ],
    });
    const cancel = ['cancel', '--deal', dealId, '--reason', 'postponed'];
    expect(await run(stack(), cancel)).toMatchObject({
      code: 2,
      message: expect.stringContaining("Say which with --workstream: '', data"),
    });
    expect(await run(stack(), [...cancel, '--workstream', 'data'])).toMatchObject({
      code: 0,
      lines: [{ type: 'answer', workflowId: `kickoff:${dealId}:data`, answer: expect.stringContaining('cancelled') }],
    });
    await inPhase(stack(), dealId, 'scheduling');
  });
});
