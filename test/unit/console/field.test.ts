import { describe, expect, it } from 'vitest';
import { selectField } from '../../../console/action/field.ts';

describe('one of some', () => {
  const select = (values: string[]) =>
    String(
      selectField({
        name: 'attendance',
        label: 'Attendance',
        value: '',
        required: true,
        options: values.map((value) => ({ value, label: value || 'as usual' })),
      }),
    );

  it('is required of a browser', () => {
    expect(select(['required', 'optional'])).toMatch(/<select [^>]*required/);
  });

  it('is not where an empty value is one of them: the form would never be sent', () => {
    expect(select(['', 'required'])).not.toMatch(/<select [^>]*required/);
    expect(select(['', 'required'])).not.toContain('may be left empty');
  });
});
