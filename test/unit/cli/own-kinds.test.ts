import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownKindsOf } from '../../../cli/own-kinds.ts';
import { ConfigError, loadConfig } from '../../../config/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kickoff-own-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

/** A configuration with these files and one step of a kind of them. */
function configured(
  stepKinds: string[],
  step = '{ id: a, kind: own, use: mine, with: { size: 3 } }',
  name = 'kickoff.config.yaml',
) {
  file(name, `stepKinds: ${JSON.stringify(stepKinds)}\nkickoff:\n  steps:\n    on_won:\n      - ${step}\n`);
  return loadConfig({ env: {}, cwd: folder, configFile: name });
}

const GOOD = "export default { name: 'mine', run: async () => ({ detail: 'x' }) };";

describe('the files of stepKinds', () => {
  it('are looked for beside the configuration file, and may be CommonJS', async () => {
    file('etc/kinds/mine.mjs', GOOD);
    file('etc/kinds/other.cjs', "module.exports = { name: 'other', run: async () => ({ detail: 'x' }) };");
    const kinds = await ownKindsOf(
      configured(['kinds/mine.mjs', './kinds/other.cjs'], undefined, 'etc/kickoff.yaml'),
      folder,
    );
    expect([...kinds.keys()]).toEqual(['mine', 'other']);
  });

  it.each([
    ['kind.ts', GOOD, 'a step kind is a file ending in .mjs or .js; compile .ts first'],
    ['none.mjs', undefined, 'there is no file'],
    ['syntax.mjs', 'export default {', 'cannot be loaded: '],
    ['throws.mjs', "throw new Error('no licence');", 'cannot be loaded: no licence'],
    ['empty.mjs', '', 'has no default export that is a step kind: { name, run }'],
    ['nameless.mjs', 'export default { run() {} };', 'its `name` must be a text'],
    ['idle.mjs', "export default { name: 'mine' };", 'its `run` must be a function'],
    ['check.mjs', "export default { name: 'mine', run() {}, check: true };", 'its `check` must be a function'],
    ['undo.mjs', "export default { name: 'mine', run() {}, undo: 'x' };", 'its `undo` must be a function'],
  ])('%s is refused, with its name, its line and what is wrong', async (name, text, words) => {
    if (text !== undefined) file(name, text);
    const refused = ownKindsOf(configured([name]), folder);
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(`stepKinds[0]: ${name}: ${words}`);
    await expect(refused).rejects.toThrow('(kickoff.config.yaml, line 1)');
  });

  it('may not have two kinds of one name', async () => {
    file('one.mjs', GOOD);
    file('two.mjs', GOOD);
    await expect(ownKindsOf(configured(['one.mjs', 'two.mjs']), folder)).rejects.toThrow(
      'stepKinds[1]: two.mjs: its kind is called mine, and so is that of one.mjs',
    );
  });

  it('must have the kind that a step uses', async () => {
    file('other.mjs', GOOD.replace('mine', 'other'));
    await expect(ownKindsOf(configured(['other.mjs']), folder)).rejects.toThrow(
      'kickoff.steps.on_won[0].use: no file of stepKinds has a kind mine; there is other (kickoff.config.yaml, line 5)',
    );
  });

  it.each([
    ["({ size }) => size > 2 ? ['size is at most 2', 'and more'] : []", ['size is at most 2', 'and more']],
    ["() => { throw new Error('bug'); }", ['mine: its `check` failed: bug']],
    ["() => 'all wrong'", ['mine: its `check` must return a list of sentences']],
  ])('look at the options of their steps: %s', async (check, faults) => {
    file('mine.mjs', `export default { name: 'mine', run() {}, check: ${check} };`);
    const refused = ownKindsOf(configured(['mine.mjs']), folder);
    for (const fault of faults) {
      await expect(refused).rejects.toThrow(`kickoff.steps.on_won[0].with: ${fault} (kickoff.config.yaml, line 5)`);
    }
  });

  it('need not be there when no step is of a kind of one’s own', async () => {
    expect((await ownKindsOf(loadConfig({ env: {}, cwd: folder }), folder)).size).toBe(0);
  });
});
