import { describe, expect, it } from 'vitest';
import { decodeRegistry } from '../../../registry/index.ts';

const bytes = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding);

describe('a registry file’s bytes', () => {
  it('are UTF-8, with a byte order mark or without', () => {
    expect(decodeRegistry(bytes('email\nzoë'))).toEqual({ text: 'email\nzoë', faults: [] });
    expect(decodeRegistry(bytes('\uFEFFemail')).faults).toEqual([]);
  });

  it.each([
    ['UTF-16, little end first', Buffer.concat([Buffer.from([0xff, 0xfe]), bytes('email', 'utf16le')]), 'UTF-16'],
    ['UTF-16, big end first', Buffer.from([0xfe, 0xff, 0, 0x65]), 'UTF-16'],
    ['UTF-16 without a mark', bytes('email', 'utf16le'), 'NUL'],
    ['a workbook', Buffer.from([0x50, 0x4b, 0x03, 0x04]), 'workbook'],
    ['over 20 MB', Buffer.alloc(20_000_001, 'x'), '20 MB'],
  ])('are refused when they are %s', (_what, file, message) => {
    expect(decodeRegistry(file)).toEqual({
      text: '',
      faults: [{ line: 1, message: expect.stringContaining(message) }],
    });
  });

  it('are refused when they are Latin-1, with every line of which it shows', () => {
    const { faults } = decodeRegistry(
      bytes('email,name\na@b.example,Zoë\nb@b.example,Bob\nc@b.example,Jürgen', 'latin1'),
    );
    expect(faults.map(({ line }) => line)).toEqual([2, 4]);
    expect(faults[0]?.message).toContain('UTF-8');
  });
});
