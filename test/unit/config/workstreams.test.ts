import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  assemblyOf,
  type Config,
  ConfigError,
  loadConfig,
  ownOptions,
  policyOf,
  workstreamsWithDeal,
} from '../../../config/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kickoff-workstreams-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string): Config {
  writeFileSync(join(folder, 'kickoff.config.yaml'), text);
  return loadConfig({ env: {}, cwd: folder });
}

function faultsOf(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.faults.map(({ line, path, message }) => `${line} ${path}: ${message}`);
    throw error;
  }
  throw new Error('no fault was found');
}

const NOTICE = '{ id: notice, kind: slack, text: hello }';

describe('the rules of a workstream', () => {
  it('are those of the main kickoff, but for what it says otherwise', () => {
    const config = load(
      `kickoff: { vendor: Us, durationMinutes: 45, steps: { on_won: [${NOTICE}], on_booked: [{ id: note, kind: crm_note, text: booked }] } }
workstreams:
  data: { kickoff: { title: "Data", windowDays: 20, steps: { on_won: [] } } }
  plain: {}`,
    );
    expect(policyOf(config, 'data')).toEqual({
      ...config.kickoff,
      title: 'Data',
      windowDays: 20,
      steps: { ...config.kickoff.steps, on_won: [] },
    });
    expect(policyOf(config, 'data').steps.on_booked).toHaveLength(1);
    for (const name of [undefined, '', 'plain', 'nobody-knows', 'constructor']) {
      expect(policyOf(config, name)).toBe(config.kickoff);
      expect(assemblyOf(config, name)).toMatchObject(config.assembly);
    }
    expect(ownOptions(config.workstreams, 'data')).toEqual([
      'kickoff.title',
      'kickoff.windowDays',
      'kickoff.steps.on_won',
    ]);
    expect(ownOptions(config.workstreams, 'nobody-knows')).toEqual([]);
  });

  it('have no defaults of their own in the place of what the main kickoff says', () => {
    const config = load(
      'kickoff: { leadDays: 9 }\nassembly: { milestone: go_live, maxParticipants: 5 }\nworkstreams: { data: { kickoff: { windowDays: 3 }, assembly: { maxParticipants: 7 } } }',
    );
    expect(policyOf(config, 'data')).toMatchObject({ leadDays: 9, windowDays: 3 });
    expect(assemblyOf(config, 'data')).toMatchObject({ milestone: 'go_live', maxParticipants: 7 });
    expect(assemblyOf(config, 'data').labels).toEqual(config.assembly.labels);
  });

  it.each<[string, string, object]>([
    ['no roles', '{}', { requireOneOf: ['champion', 'billing'], expectRoles: ['it_security', 'champion'] }],
    [
      'a role of the main kickoff',
      '{ roles: [champion, seer] }',
      { requireOneOf: ['champion'], expectRoles: ['champion'] },
    ],
    ['none of them', '{ roles: [seer] }', { requireOneOf: ['seer'], expectRoles: [] }],
    [
      'its own word',
      '{ roles: [seer, sage], requireOneOf: [sage], expectRoles: [sage] }',
      { requireOneOf: ['sage'], expectRoles: ['sage'] },
    ],
    ['nobody needed', '{ roles: [seer], requireOneOf: [] }', { requireOneOf: [] }],
  ])('with %s ask for whom they can invite', (_case, assembly, rules) => {
    const main = 'assembly: { requireOneOf: [champion, billing], expectRoles: [it_security, champion] }';
    const config = load(`${main}\nworkstreams: { data: { assembly: ${assembly} } }`);
    expect(assemblyOf(config, 'data')).toMatchObject(rules);
  });

  it('ask for nobody where the main kickoff asks for nobody', () => {
    const config = load('assembly: { requireOneOf: [] }\nworkstreams: { data: { assembly: { roles: [seer] } } }');
    expect(assemblyOf(config, 'data').requireOneOf).toEqual([]);
  });

  it('start with deals of their pipelines, or by hand', () => {
    const { workstreams } = load(
      'workstreams: { all: { starts: with_deal }, big: { starts: with_deal, pipelines: [enterprise] }, hand: {} }',
    );
    expect(workstreamsWithDeal(workstreams, { pipeline: 'enterprise' })).toEqual(['all', 'big']);
    expect(workstreamsWithDeal(workstreams, { pipeline: 'small' })).toEqual(['all']);
    expect(workstreamsWithDeal(workstreams, {})).toEqual(['all']);
  });
});

describe('the faults of a workstream', () => {
  it('are told with their lines, all at once', () => {
    const faults = faultsOf(`kickoff:
  steps:
    on_won: [${NOTICE}]
workstreams:
  data:
    starts: by_hand
    pipelines: [enterprise]
    kickoff:
      steps:
        on_booked:
          - ${NOTICE}
    assembly:
      roles: [seer]
      requireOneOf: [champion]`);
    expect(faults).toEqual([
      expect.stringMatching(/^7 workstreams\.data\.pipelines: has no effect/),
      expect.stringMatching(/^14 workstreams\.data\.assembly\.requireOneOf: none of these is among .*: seer$/),
      expect.stringMatching(
        /^11 workstreams\.data\.kickoff\.steps\.on_booked\[0\]\.id: notice is the id of kickoff\.steps\.on_won\[0\] already/,
      ),
    ]);
  });

  it('name the workstream beside whose list a step of the main kickoff is wrong', () => {
    const faults = faultsOf(
      `kickoff:\n  steps:\n    on_booked: [${NOTICE}]\nworkstreams:\n  data:\n    kickoff:\n      steps: { on_won: [${NOTICE}] }\n  other: {}`,
    );
    expect(faults).toEqual([
      expect.stringMatching(
        /^3 kickoff\.steps\.on_booked\[0\]\.id: in workstream data, notice is the id of workstreams\.data\.kickoff\.steps\.on_won\[0\] already/,
      ),
    ]);
  });

  it('are not those of the main kickoff once more', () => {
    const faults = faultsOf(
      `kickoff:\n  steps: { on_won: [${NOTICE}], on_booked: [${NOTICE}] }\nworkstreams:\n  data:\n    kickoff:\n      steps: { on_expired: [] }`,
    );
    expect(faults).toHaveLength(1);
  });

  it.each([
    ['main', 'main: {}'],
    ['a revision', 'r2: {}'],
    ['capital letters', 'Data: {}'],
    ['a colon', '"a:b": {}'],
    ['nothing', '"": {}'],
    ['too long a name', `${'a'.repeat(42)}: {}`],
  ])('tell of a name that is %s', (_case, entry) => {
    const [fault] = faultsOf(`workstreams:\n  ${entry}`);
    expect(fault).toMatch(/^2 workstreams\..*: a workstream's name has lower-case letters/);
  });

  it('propose the nearest option, and take none that is not there', () => {
    const faults = faultsOf(
      'workstreams:\n  data:\n    start: by_hand\n    kickoff:\n      durationMinute: 5\n      steps: { on_win: [] }\n    assembly: { labels: {} }',
    );
    expect(faults.toSorted()).toEqual([
      '3 workstreams.data.start: is not an option; did you mean starts?',
      '5 workstreams.data.kickoff.durationMinute: is not an option; did you mean durationMinutes?',
      '6 workstreams.data.kickoff.steps.on_win: is not an option; did you mean on_won?',
      '7 workstreams.data.assembly.labels: is not an option',
    ]);
  });

  it('ask for the secrets of their steps', () => {
    writeFileSync(
      join(folder, 'kickoff.config.yaml'),
      `workstreams: { data: { kickoff: { steps: { on_won: [${NOTICE}] } } } }`,
    );
    expect(() => loadConfig({ env: {}, cwd: folder, require: ['SLACK_WEBHOOK_URL'] })).toThrow('SLACK_WEBHOOK_URL');
  });
});
