import { describe, expect, it } from 'vitest';
import { peopleIn, peopleText } from '../../../console/kickoff/commands/people-text.ts';

describe('people, one a line', () => {
  it('are read with their names and zones', () => {
    const text =
      'Ada Lovelace <ada@acme.example>, Europe/London\r\n\n  bob@acme.example  \n"Li, Ana" <ana@acme.example>';
    expect(peopleIn(text)).toEqual({
      people: [
        { email: 'ada@acme.example', name: 'Ada Lovelace', timezone: 'Europe/London' },
        { email: 'bob@acme.example' },
        { email: 'ana@acme.example', name: 'Li, Ana' },
      ],
    });
  });

  it('keep the roles and zones that they have', () => {
    const known = [{ email: 'Ada@acme.example', roles: ['champion'], timezone: 'Europe/London' }];
    expect(peopleIn('Ada L <ada@acme.example>', known)).toEqual({
      people: [{ email: 'ada@acme.example', name: 'Ada L', roles: ['champion'], timezone: 'Europe/London' }],
    });
  });

  it('are read again as they were written', () => {
    const people = [
      { email: 'ada@acme.example', name: 'Ada Lovelace', timezone: 'Europe/London' },
      { email: 'bob@acme.example' },
      { email: 'o@acme.example', name: 'Zoë O’Brien' },
    ];
    expect(peopleIn(peopleText(people))).toEqual({ people });
    expect(peopleText([{ email: 'x@y.example', name: 'Evil <a@b.example>\nSecond' }])).toBe(
      'Evil  a@b.example  Second <x@y.example>',
    );
  });

  it.each([
    ['', 'at least one'],
    ['Ada Lovelace', 'Line 1 is no person'],
    ['a@b.example\nnobody@', 'Line 2 is no person'],
    ['a@b.example\nA <A@B.example>', 'named twice'],
    [`${'x'.repeat(700)}@b.example`, 'Line 1 is no person'],
    [Array.from({ length: 51 }, (_, n) => `p${n}@b.example`).join('\n'), 'at most 50'],
  ])('are refused: %s', (text, words) => {
    expect(peopleIn(text)).toEqual({ fault: expect.stringContaining(words) });
  });

  it('do not take long, however odd a line is', () => {
    const begun = process.cpuUsage();
    peopleIn(' '.repeat(590).concat('<'));
    peopleIn(`${'" '.repeat(290)}<`);
    expect(process.cpuUsage(begun).user).toBeLessThan(200_000);
  });
});
