import { randomUUID } from 'node:crypto';
import { type Connection, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { temporal as proto } from '@temporalio/proto';
import { afterAll, beforeAll, describe, vi } from 'vitest';
import type { TemporalConfig } from '../../config/index.ts';
import { connect, type TemporalClient } from '../../temporal/index.ts';
import { SEARCH_ATTRIBUTES } from '../../workflows/messages.ts';
import { realParts } from './real-parts.ts';

/** The run's Temporal server, in a namespace that only this file has. */
export interface TestTemporal extends TemporalClient {
  config: TemporalConfig;
  namespace: string;
}

/**
 * Runs tests against the run's Temporal server, in a namespace of their own. Where there is no server they are skipped
 * with the reason; `.ci/run` makes that a failure.
 */
export function describeTemporal(name: string, tests: (temporal: () => TestTemporal) => void): void {
  const parts = realParts();
  const { temporalAddress: address } = parts;
  if (address === undefined) {
    describe.skip(`${name} (skipped: ${parts.missing.temporal ?? 'no Temporal server'})`, () => tests(notStarted));
    return;
  }
  describe(name, () => {
    let opened: TestTemporal | undefined;
    beforeAll(async () => {
      const namespace = await newNamespace(address);
      const config = temporalConfigFor(address, namespace);
      opened = { ...(await connect(config)), config, namespace };
    });
    afterAll(async () => {
      await opened?.close();
    });
    tests(() => opened ?? notStarted());
  });
}

export function temporalConfigFor(address: string, namespace: string): TemporalConfig {
  return { address, explicit: true, namespace, connectionOptions: { address } };
}

/** Registers a namespace with Kickoff's search attributes and waits until workflows can be started in it. */
export async function newNamespace(address: string): Promise<string> {
  const namespace = `test-${randomUUID()}`;
  const { connection, close } = await connect(temporalConfigFor(address, 'default'));
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    await vi.waitFor(() => addSearchAttributes(connection, namespace), { timeout: 30_000, interval: 100 });
  } finally {
    await close();
  }
  return namespace;
}

async function addSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const keyword = proto.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
  const names = Object.values(SEARCH_ATTRIBUTES).map((key) => key.name);
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(names.map((name) => [name, keyword])),
    });
  } catch (error) {
    if (!(isGrpcServiceError(error) && error.details.includes('already exist'))) throw error;
  }
}

function notStarted(): never {
  throw new Error('the Temporal server is there only while tests run');
}
