import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { loadConfig } from '../../config/index.ts';
import { type DevServer, resolveTemporalServer, startDevServer, TemporalError } from '../../temporal/index.ts';
import { CHROMIUM_VARIABLE, findChromium } from './chromium.ts';
import { makePglite } from './pglite.ts';
import { findPostgres, POSTGRES_URL_VARIABLE, type PostgresCluster, startPostgres } from './postgres.ts';
import { PARTS_ARE_REQUIRED, type RealParts } from './real-parts.ts';

/** Starts one PostgreSQL and one Temporal for all integration tests of a run, and ends them with it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'kickoff-run-'));
  const parts: RealParts = { pglite: join(folder, 'pglite'), missing: {} };
  const [postgres, temporal] = await Promise.all([
    givePostgres(parts),
    giveTemporal(parts, folder),
    makePglite(parts.pglite),
  ]);
  const end = async () => {
    await Promise.all([postgres?.stop(), temporal?.stop()]);
    await rm(folder, { recursive: true, force: true });
  };
  const chromium = findChromium(process.env);
  if (chromium === undefined) {
    parts.missing.chromium = `there is no Chromium on PATH: install one (Debian: apt-get install chromium), or name it in ${CHROMIUM_VARIABLE}`;
  } else {
    parts.chromium = chromium;
  }
  const reasons = Object.values(parts.missing);
  if (PARTS_ARE_REQUIRED && reasons.length > 0) {
    await end();
    throw new Error(`The integration tests run on real parts, and some are missing:\n${reasons.join('\n')}`);
  }
  project.provide('realParts', parts);
  return end;
}

async function givePostgres(parts: RealParts): Promise<PostgresCluster | undefined> {
  const given = process.env[POSTGRES_URL_VARIABLE];
  if (given !== undefined && given !== '') {
    parts.postgresUrl = given;
    return undefined;
  }
  const found = await findPostgres();
  if ('missing' in found) {
    parts.missing.postgres = found.missing;
    return undefined;
  }
  const cluster = await startPostgres();
  parts.postgresUrl = cluster.url;
  // The test files' processes are started later and inherit it.
  process.env[POSTGRES_URL_VARIABLE] = cluster.url;
  return {
    ...cluster,
    stop: async () => {
      delete process.env[POSTGRES_URL_VARIABLE];
      await cluster.stop();
    },
  };
}

async function giveTemporal(parts: RealParts, folder: string): Promise<DevServer | undefined> {
  const { cacheDir, temporal } = loadConfig({ env: process.env, cwd: folder });
  try {
    const server = await resolveTemporalServer({ env: process.env, cacheDir, onProgress: say });
    if (server.kind === 'remote') {
      parts.temporalAddress = server.address;
      parts.namespace = temporal.namespace;
      return undefined;
    }
    parts.temporalBinary = server.path;
    const dev = await startDevServer({ binary: server.path, uiPort: 0, logFile: join(folder, 'temporal.log') });
    parts.temporalAddress = dev.address;
    parts.namespace = dev.namespace;
    if (dev.uiUrl !== undefined) parts.temporalUiUrl = dev.uiUrl;
    return dev;
  } catch (error) {
    if (!(error instanceof TemporalError)) throw error;
    parts.missing.temporal = error.message;
    return undefined;
  }
}

let said = '';
function say({ message }: { message: string }): void {
  if (message !== said) console.error(message);
  said = message;
}
