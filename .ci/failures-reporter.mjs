/**
 * A Vitest reporter for the end of a log: writes what went wrong, and nothing else, into the file that KICKOFF_FAILURES
 * names. A test that passed only when it was repeated has passed, and is named as flaky.
 */
import { appendFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

const LINES = 12;
const LINE_LENGTH = 400;

export default class FailuresReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const told = [];
    for (const module of modules) {
      // Where the file itself or a hook failed, its tests were not run.
      for (const part of [module, ...module.children.allSuites()]) {
        for (const error of part.errors()) told.push(entry('failed', `${nameOf(part)} (outside its tests)`, [error]));
      }
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (state === 'failed') told.push(entry('failed', nameOf(test), errors));
        else if (state !== 'passed') told.push(entry('did not run', nameOf(test), []));
        else if (test.diagnostic()?.flaky) told.push(entry('flaky', nameOf(test), errors));
      }
    }
    for (const error of unhandledErrors) told.push(entry('failed', 'outside any test', [error]));
    if (told.length > 0) appendFileSync(process.env.KICKOFF_FAILURES, `${told.join('\n')}\n`);
  }
}

function nameOf(part) {
  const module = part.type === 'module' ? part : part.module;
  const names = [module.project.name, module.relativeModuleId, part.type === 'module' ? '' : part.fullName];
  return names.filter(Boolean).join(' | ');
}

function entry(what, name, errors) {
  const lines = errors.flatMap(({ message, diff, stack = '' }) => [
    ...(message ?? '').split('\n'),
    ...(diff ?? '').split('\n'),
    ...stack.split('\n').filter((line) => /\/(?:test|\.ci)\//.test(line) && !line.includes('node_modules')),
  ]);
  const plain = lines.map((line) => stripVTControlCharacters(line)).filter((line) => line.trim() !== '');
  const shown = [...new Set(plain)].slice(0, LINES);
  return [`${what}: ${name}`, ...shown.map((line) => `    ${line.slice(0, LINE_LENGTH)}`)].join('\n');
}
