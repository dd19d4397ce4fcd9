import { describe, expect, it } from 'vitest';
import { withoutSecrets } from '../../../../activities/steps/without-secrets.ts';

describe('a text without secrets', () => {
  it('shows no end of a secret that begins like another', () => {
    const text = 'refused: whsec_old_and_longer';
    expect(withoutSecrets(text, ['whsec_old', 'whsec_old_and_longer'])).toBe('refused: [secret]');
    expect(withoutSecrets(text, ['whsec_old_and_longer', 'whsec_old'])).toBe('refused: [secret]');
  });

  it('keeps words that are as short as a word', () => {
    expect(withoutSecrets('no answer', ['no'])).toBe('no answer');
  });
});
