import { describe, expect, it } from 'vitest';
import { readCallFaults, readFaults } from '../../../sandbox/fault-shorthand.ts';

describe('a fault in words', () => {
  it.each([
    ['status=503', [{ fault: 'status', status: 503, when: 'before' }]],
    [
      'status=503 next=2 path=/meeting_requests method=post',
      [{ fault: 'status', status: 503, when: 'before', next: 2, path: '/meeting_requests', method: 'POST' }],
    ],
    ['status=429 retry-after=7', [{ fault: 'status', status: 429, when: 'before', headers: { 'retry-after': '7' } }]],
    ['delay=2s p=.25', [{ fault: 'delay', delayMs: 2000, when: 'before', probability: 0.25 }]],
    [
      'delay=250 drop=after',
      [
        { fault: 'delay', delayMs: 250, when: 'before' },
        { fault: 'drop', when: 'after' },
      ],
    ],
    ['stalled_body', [{ fault: 'stalled_body' }]],
    ['stalled_body=1m', [{ fault: 'stalled_body', resumeAfterMs: 60_000 }]],
    [
      'webhook_drop event=meeting_request.* endpoint=we_1',
      [{ fault: 'webhook_drop', event: 'meeting_request.*', endpointId: 'we_1' }],
    ],
    [
      'webhook_reorder=2 of=request limit=5m',
      [{ fault: 'webhook_reorder', behind: 2, of: 'request', limitMs: 300_000 }],
    ],
    ['webhook_stale_timestamp', [{ fault: 'webhook_stale_timestamp', staleSeconds: 86_400 }]],
    ['deliver_before_answer; malformed_json', [{ fault: 'deliver_before_answer' }, { fault: 'malformed_json' }]],
    ['{"fault": "drop"}', [{ fault: 'drop', when: 'before' }]],
  ])('“%s”', (written, rules) => {
    expect(readFaults(written)).toEqual(rules);
  });

  it.each(['next=2', 'status', 'delay=soon', 'drop=never', 'status=503 pth=/x', 'p=0.5 status=500', '[1]', '{'])(
    '“%s” is none',
    (written) => {
      expect(() => readFaults(written)).toThrow(expect.objectContaining({ name: 'NotAFault' }));
    },
  );

  it('of one call has no reach', () => {
    expect(readCallFaults('status=500, delay=1')).toHaveLength(2);
    expect(() => readCallFaults('status=500 path=/x')).toThrow('path has no meaning here');
  });
});
