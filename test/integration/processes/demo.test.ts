import { afterEach, describe, expect, it, vi } from 'vitest';
import { endCommands, isListening, startCommand } from '../../harness/process.ts';
import { realParts } from '../../harness/real-parts.ts';

const { temporalBinary, missing } = realParts();

describe.skipIf(temporalBinary === undefined)(`kickoff demo ${missing.temporal ?? ''}`, () => {
  afterEach(endCommands);

  it('runs one whole kickoff, within its cost, and leaves no port behind', async () => {
    const demo = startCommand(['demo']);
    const ready = await demo.line('ready');
    const code = await demo.exited;
    expect(code, demo.stderr()).toBe(0);
    const types = demo.lines.map((line) => line.type);
    for (const type of ['webhook_received', 'kickoff_started', 'resolved', 'requested', 'step', 'summary']) {
      expect(types).toContain(type);
    }
    const webhooks = demo.lines.filter((line) => line.type === 'webhook_received').map((line) => line.eventType);
    expect(webhooks).toEqual(expect.arrayContaining(['meeting_request.created', 'meeting_request.booked']));
    const steps = demo.lines.filter((line) => line.type === 'step' && line.list === 'on_booked').map((line) => line.id);
    expect(steps.sort()).toEqual(['crm_scheduled', 'slack_booked', 'task_agenda']);
    const resolved = demo.lines.find((line) => line.type === 'resolved');
    expect(resolved).toMatchObject({
      resolution: {
        organizer: { email: 'jordan.lee@yourcompany.example' },
        participants: expect.objectContaining({ length: 4 }),
        context: { durationMinutes: 60 },
      },
    });
    const summary = demo.lines.find((line) => line.type === 'summary');
    if (summary === undefined) throw new Error('the demo told no summary');
    expect(summary).toMatchObject({ phase: 'done' });
    const { events, actions } = summary.cost as { events: number; actions: number };
    expect(events).toBeLessThanOrEqual(40);
    expect(actions).toBeLessThanOrEqual(10);
    for (const address of [ready.serve, ready.sandbox, ready.temporalUi]) {
      expect(await isListening(String(address))).toBe(false);
    }
  });

  it('ends in order when it is interrupted before everything is up', async () => {
    const demo = startCommand(['demo']);
    await vi.waitFor(() => {
      expect(demo.lines.some((line) => line.type === 'stage' && line.name === 'Database')).toBe(true);
    }, 30_000);
    expect(await demo.end('SIGINT')).toBe(130);
    const started = demo.lines.find((line) => line.name === 'Temporal server: starting' && line.state === 'done');
    const [address = ''] = String(started?.detail).split(',');
    await vi.waitFor(async () => expect(await isListening(address)).toBe(false), 10_000);
  });

  it('ends in order when it is interrupted in the middle', async () => {
    const demo = startCommand(['demo']);
    const ready = await demo.line('ready');
    await demo.line('requested');
    expect(await demo.end('SIGINT')).toBe(130);
    await vi.waitFor(async () => expect(await isListening(String(ready.temporalUi))).toBe(false), 10_000);
    expect(await isListening(String(ready.serve))).toBe(false);
  });
});
