import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../config/index.ts';
import { stepSchema } from '../../../config/policy.ts';

const text = readFileSync(new URL('../../../docs/steps.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, block = '']) => block);
const example = blocks[0] ?? '';

const env = {
  LINEAR_API_KEY: 'lin_api_key',
  SLACK_BOT_TOKEN: 'xoxb-token',
  SMTP_URL: 'smtps://user:password@mail.example',
  STEP_HEADER_ERP: 'Bearer erp-token',
};
const require = ['LINEAR_API_KEY', 'SLACK_BOT_TOKEN', 'SMTP_URL', 'STEP_HEADER_*'] as const;

function load(yaml: string, given: Record<string, string> = env) {
  const cwd = mkdtempSync(join(tmpdir(), 'kickoff-docs-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  writeFileSync(join(cwd, 'kickoff.config.yaml'), yaml);
  return loadConfig({ env: given, cwd, require });
}

describe('docs/steps.md', () => {
  it('begins with a list that the configuration takes as it stands, in the order that is told', () => {
    const steps = load(example).kickoff.steps.on_booked;
    expect(steps.map(({ id, kind, after }) => [id, kind, after])).toEqual([
      ['project', 'linear_project', undefined],
      ['announce', 'slack_message', ['project']],
      ['welcome', 'email', ['project']],
      ['status', 'crm_status', ['project']],
    ]);
  });

  it.each(['LINEAR_API_KEY', 'SLACK_BOT_TOKEN', 'SMTP_URL'] as const)('names %s, which it takes', (name) => {
    const { [name]: _without, ...rest } = env;
    expect(text).toContain(`\`${name}\``);
    expect(() => load(example, rest)).toThrow(`${name}: is not set`);
  });

  it('shows no step that the configuration would refuse', () => {
    const others = blocks.slice(1);
    expect(others.length).toBeGreaterThan(3);
    for (const block of others) {
      const isWhole = !block.startsWith('- ');
      const lines = block.split('\n').map((line) => `      ${line}`);
      const { kickoff } = load(isWhole ? block : ['kickoff:', '  steps:', '    on_booked:', ...lines].join('\n'));
      expect(kickoff.steps.on_booked).toHaveLength(1);
    }
  });

  it.each(['## After a crash', 'What a late cancellation does'])('says of every kind: %s', (heading) => {
    const section = text.slice(text.indexOf(heading)).split('\n## ')[0] ?? '';
    const told = new Set([...section.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell = '']) => cell.match(/\w+/g) ?? []));
    const kinds = stepSchema.options.map(({ shape }) => shape.kind.value);
    expect(kinds.filter((kind) => !told.has(kind))).toEqual([]);
  });
});
