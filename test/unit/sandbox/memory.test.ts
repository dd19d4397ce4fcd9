import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../sandbox/index.ts';
import { MAIN, Namespaces } from '../../../sandbox/namespaces.ts';
import { resolveOptions } from '../../../sandbox/options.ts';
import { snapshotText } from '../../../sandbox/snapshots.ts';
import { freshState } from '../../../sandbox/state/fresh.ts';
import { Journal } from '../../../sandbox/state/journal.ts';
import { LineReader, linesOf } from '../../../sandbox/state/lines.ts';
import { Transcript } from '../../../sandbox/state/transcript.ts';
import { acmeRequest, created, running } from './running.ts';

/** Namespaces without a server. */
function namespaces(): Namespaces {
  const options = resolveOptions({ seed: 'test', clock: { frozenAt: '2026-02-10T14:00:00Z' } });
  const logger = pino({ level: 'silent' });
  const made = new Namespaces({ logger, onEvent: undefined, real: () => 0, onChange: () => undefined });
  made.start(made.open(MAIN, options, freshState(options, 0)));
  return made;
}

function request(n: number) {
  const { participants, ...rest } = acmeRequest({ campaign_id: `campaign ${n}` });
  return { ...rest, participants: participants.map((one) => ({ ...one })) };
}

/** A namespace as JSON, which is how it can be compared. */
const asJson = (all: Namespaces): unknown => JSON.parse(snapshotText(all.main).join(''));

function readBack(lines: readonly string[]) {
  const reader = new LineReader();
  for (const line of lines.join('').trimEnd().split('\n')) reader.take(line);
  const again = new Namespaces({
    logger: pino({ level: 'silent' }),
    onEvent: undefined,
    real: () => 0,
    onChange: () => undefined,
  });
  for (const { name, options, state } of reader.finish()) again.open(name, options, state);
  return again;
}

describe('the state file’s lines', () => {
  it('hold what is true at their end, whatever changes between any two of them', async () => {
    const all = namespaces();
    const { workspace, meetings } = all.main;
    const ids = Array.from({ length: 12 }, (_, n) => meetings.create(request(n)).request.id);
    await workspace.agenda.advance(3_600_000);
    const found = (nth: number) => {
      const request = workspace.state.requests.get(ids[nth] ?? '');
      if (request === undefined) throw new Error(`there is no request ${nth}`);
      return request;
    };
    const between: (() => unknown)[] = [
      () => meetings.end(found(0), true),
      () => meetings.create(request(12)),
      () => meetings.end(found(3), false),
      () => workspace.agenda.advance(86_400_000),
      () => workspace.state.requests.delete(found(1).id),
      () => meetings.book(found(2), undefined, workspace.now()),
      () => workspace.agenda.advance(5 * 86_400_000),
      () => meetings.end(found(11), true),
    ];
    const lines: string[] = [];
    for (const line of linesOf(all.writable())) {
      lines.push(line);
      // Among the journal’s lines first, then after every other request.
      if (lines.length % 60 === 0 || line.startsWith('{"requests"')) await between.shift()?.();
    }
    expect(between).toEqual([]);
    expect(asJson(readBack(lines))).toEqual(asJson(all));
    await all.close();
  });

  it('begin again when everything is replaced while they are written', async () => {
    const all = namespaces();
    for (let n = 0; n < 5; n += 1) all.main.meetings.create(request(n));
    const lines: string[] = [];
    for (const line of linesOf(all.writable())) {
      lines.push(line);
      if (lines.length === 4) all.reset(MAIN, { keepClock: false });
    }
    expect(asJson(readBack(lines))).toEqual(asJson(all));
    expect(all.main.workspace.state.requests.size).toBe(0);
    await all.close();
  });

  it.each([
    ['no lines', []],
    ['another version', ['{"kickoffSandbox":1}', '{"end":true}']],
    ['no end', ['{"kickoffSandbox":2}']],
    ['a line that belongs to no namespace', ['{"kickoffSandbox":2}', '{"rest":{}}', '{"end":true}']],
    ['a line of an unknown kind', ['{"kickoffSandbox":2}', '{"dessert":{}}', '{"end":true}']],
    ['half a line', ['{"kickoffSandbox":2}', '{"namespace":']],
  ])('are refused with %s', (_name, lines) => {
    const reader = new LineReader();
    expect(() => {
      for (const line of lines) reader.take(line);
      reader.finish();
    }).toThrow();
  });
});

describe('the journal', () => {
  const entry = (seq: number, body?: unknown): JournalEntry => ({
    seq,
    type: 'api',
    at: '2026-02-10T14:00:00Z',
    method: 'POST',
    path: '/api/v1/meeting_requests',
    status: 202,
    ...(body === undefined ? {} : { body }),
  });

  it('keeps at least the last 20,000 entries and not many more', () => {
    const journal = new Journal();
    for (let seq = 1; seq <= 50_000; seq += 1) journal.add(entry(seq));
    expect(journal.size).toBeGreaterThanOrEqual(20_000);
    expect(journal.size).toBeLessThan(21_000);
    expect(journal.last).toBe(50_000);
    const last = journal.texts({ after: 49_998, limit: 10 }).map((text): unknown => JSON.parse(text));
    expect(last).toEqual([entry(49_999), entry(50_000)]);
  });

  it('keeps fewer when they are long, and no body beyond 16 KB', () => {
    const journal = new Journal();
    for (let seq = 1; seq <= 3000; seq += 1) journal.add(entry(seq, { title: 'é'.repeat(8000) }));
    expect(journal.size).toBeLessThan(1100);
    journal.add(entry(3001, { title: 'x'.repeat(20_000) }));
    const [text = ''] = journal.texts({ after: 3000, limit: 1 });
    expect(text.length).toBeLessThan(500);
    expect(JSON.parse(text)).toMatchObject({ seq: 3001, status: 202, body: expect.stringContaining('too long') });
  });

  it('picks by number, type and limit', () => {
    const journal = new Journal();
    for (let seq = 1; seq <= 10; seq += 1) {
      journal.add(seq % 2 === 0 ? entry(seq) : { seq, type: 'slack', at: '', path: '/', text: 'hello' });
    }
    const seqs = (query: Parameters<Journal['texts']>[0]) =>
      journal.texts(query).map((text) => Number(/"seq":(\d+)/.exec(text)?.[1]));
    expect(seqs({ after: 3, type: 'slack', limit: 2 })).toEqual([5, 7]);
    expect(seqs({ after: 8, limit: 20 })).toEqual([9, 10]);
    expect(seqs({ after: 10, limit: 20 })).toEqual([]);
  });
});

describe('a transcript', () => {
  it('gives back every line as it was, long ones and other scripts too', () => {
    const lines = Array.from({ length: 60 }, (_, n) => ({
      at: '2026-02-10T14:00:00Z',
      from: 'SkipUp',
      ...(n % 3 === 0 ? {} : { to: ['jamie.chen@acme-corp.example'] }),
      text: n % 10 === 0 ? '会議 “kickoff” 🗓 '.repeat(200) : `Line ${n} – “when could you?”`,
    }));
    const transcript = new Transcript(lines.slice(0, 30));
    for (const line of lines.slice(30)) transcript.push(line);
    expect(transcript.lines()).toEqual(lines);
    expect(JSON.stringify(transcript)).toBe(JSON.stringify(lines));
    expect(transcript.text()).toBe(JSON.stringify(lines));
    expect(new Transcript().lines()).toEqual([]);
  });
});

describe('a workspace with many requests', () => {
  it('pages through them newest first, each once, also while new ones come', async () => {
    const sandbox = await running({ settings: { rateLimitPerMinute: 0 } });
    const ids: string[] = [];
    for (let n = 0; n < 230; n += 1) ids.push((await created(sandbox)).id);
    const seen: string[] = [];
    let cursor = '';
    do {
      const { list, meta } = await sandbox.api(`GET /meeting_requests?limit=50${cursor}`);
      seen.push(...list.map(({ id }) => id));
      cursor = meta.next_cursor === undefined ? '' : `&cursor=${meta.next_cursor}`;
      if (seen.length === 50) await created(sandbox);
    } while (cursor !== '');
    expect(seen).toEqual(ids.toReversed());
  });
});
