import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readFaults, readFixture } from '../../../sandbox/index.ts';

const docs = readFileSync(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');

describe('a fixture', () => {
  it('reads as the documentation writes it, with each country turned into dates', () => {
    const written = /```yaml\n(# kickoff sandbox --fixture[\s\S]*?)```/.exec(docs)?.[1];
    const fixture = readFixture(parse(written ?? '- none'));
    expect(fixture.everybody).toEqual({ holidays: ['2026-05-01', '2026-05-14'] });
    expect(fixture.people['pat.kumar@acme-corp.example']).toMatchObject({
      holidays: ['2026-05-08'],
      needsFollowUps: 2,
    });
    expect(fixture.members).toEqual([
      { email: 'kim@yourcompany.example', name: 'Kim', role: 'member', timezone: 'Europe/Berlin' },
    ]);
  });

  it('may be read again: what comes out of it is one', () => {
    const once = readFixture({ people: { 'a@b.example': { country: 'US' } }, holidays: { US: ['2026-07-03'] } });
    expect(readFixture(once)).toEqual(once);
  });

  it('is empty when nothing is written', () => {
    expect(readFixture(undefined)).toEqual({ people: {}, everybody: {}, members: [] });
  });

  it.each([
    [{ people: { 'a@b.example': { hours: 9 } } }, 'Unknown parameter: people.a@b.example.hours'],
    [{ everybody: { workingHours: { start: '9' } } }, 'everybody.workingHours.start: Not a time of day'],
    [{ everybody: { workingHours: { start: '10:00', end: '09:00' } } }, 'everybody.workingHours.end: '],
    [{ people: { 'a@b.example': { country: 'DE' } } }, 'people.a@b.example.country: There are no holidays of DE'],
    [{ holidays: { Germany: [] } }, 'holidays.Germany: '],
    [{ holidays: { DE: ['1 May'] } }, 'holidays.DE.0: '],
    ['nothing', 'The fixture is not valid'],
  ])('%j is none', (written, message) => {
    expect(() => readFixture(written)).toThrow(
      expect.objectContaining({ code: 'invalid_options', message: expect.stringContaining(message) }),
    );
  });
});

describe('the documentation of faults', () => {
  it('names every fault, and its commands are understood', () => {
    const commands = [...docs.matchAll(/kickoff sandbox faults add (.+)/g)].map(([, words = '']) =>
      words.replaceAll("'", ''),
    );
    expect(commands.length).toBeGreaterThan(1);
    for (const words of commands) expect(readFaults(words).length).toBeGreaterThan(0);
    expect(() => readFaults('none')).toThrow('There is no fault none');
    const known = /There are: (.*)\.$/.exec(refusal())?.[1]?.split(', ') ?? [];
    expect(known.length).toBeGreaterThan(12);
    expect(known.filter((fault) => !docs.includes(`\`${fault}\``))).toEqual([]);
  });
});

function refusal(): string {
  try {
    readFaults('none');
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}
