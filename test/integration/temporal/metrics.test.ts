import { once } from 'node:events';
import { createServer } from 'node:net';
import { NativeConnection } from '@temporalio/worker';
import { request } from 'undici';
import { expect, it, vi } from 'vitest';
import { createLogger } from '../../../config/index.ts';
import { freePort } from '../../../temporal/index.ts';
import { installRuntime } from '../../../worker/index.ts';
import { describeTemporal } from '../../harness/temporal.ts';

const logger = createLogger({ level: 'silent' });

describeTemporal('the SDK’s runtime', (temporal) => {
  it('says when its metrics port is taken, and serves metrics at a free one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const taken = typeof address === 'object' && address !== null ? address.port : 0;
    expect(() => installRuntime({ logger, metricsAddress: `127.0.0.1:${taken}` })).toThrow(
      `Metrics cannot be served at 127.0.0.1:${taken}: choose another port`,
    );
    other.close();

    const port = await freePort('127.0.0.1');
    installRuntime({ logger, metricsAddress: `127.0.0.1:${port}` });
    installRuntime({ logger });
    const connection = await NativeConnection.connect({ address: temporal().config.address });
    await vi.waitFor(async () => {
      const answer = await request(`http://127.0.0.1:${port}/metrics`);
      expect(await answer.body.text()).toContain('temporal_request');
    });
    await connection.close();
  });
});
