import { expect, it } from 'vitest';
import { isAttemptId, withAnswer } from '../../../console/action/answer.ts';
import { loggedInput } from '../../../console/action/logged-input.ts';
import { attemptIdOf } from '../../../console/bulk/attempt-id.ts';

it('what a bulk action does to a kickoff has one id, which no other has', () => {
  const id = attemptIdOf('b1', 'kickoff:1');
  expect(attemptIdOf('b1', 'kickoff:1')).toBe(id);
  expect(isAttemptId(id)).toBe(true);
  expect(id).toMatch(/^.{14}8.{4}[89ab]/);
  const all = [
    ['b1', 'kickoff:2'],
    ['b2', 'kickoff:1'],
    ['b', '1kickoff:1'],
  ].map(([a = '', b = '']) => attemptIdOf(a, b));
  expect(new Set([id, ...all]).size).toBe(4);
});

it('the answer is added to a page’s address, whatever that has already', () => {
  expect(withAnswer('/', 'a')).toBe('/?answer=a');
  expect(withAnswer('/x?y=1', 'a')).toBe('/x?y=1&answer=a');
  expect(withAnswer('/x?y=1#z', 'a')).toBe('/x?y=1&answer=a#z');
});

it('what is written to the audit log of a form leaves out what is the form’s own, secret or empty, and cuts what is long', () => {
  const file = { name: 'people.csv', bytes: new Uint8Array(3) };
  expect(
    loggedInput(
      {
        csrf: 'c',
        attempt: 'a',
        on: 'x',
        reason: 'r',
        id: 'step',
        empty: '',
        several: ['1', '2'],
        file,
        apiKey: 'k',
        text: 't',
      },
      ['text'],
    ),
  ).toEqual({ id: 'step', several: ['1', '2'], file: 'people.csv (3 bytes)' });
  expect(JSON.stringify(loggedInput({ note: 'x'.repeat(100_000) })).length).toBeLessThan(6_000);
});
