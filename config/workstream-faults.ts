import type { Fault } from './errors.ts';
import { pathText } from './faults.ts';
import type { KickoffPolicy, Step } from './policy.ts';
import { type KickoffRules, policyOf } from './workstreams.ts';

type LineOf = (path: readonly PropertyKey[]) => number | undefined;
/** What is wrong with the steps of a kickoff, by paths under `kickoff.steps`. */
type CheckSteps = (steps: KickoffPolicy['steps'], lineOf: LineOf) => Fault[];

/**
 * What is wrong with workstreams beyond their single options. Steps are checked as the workstream has them, its own lists
 * and the main ones together; what is wrong with the main ones alone is not said again.
 *
 * @param lineOf the file's line on which a path stands
 */
export function faultsOfWorkstreams(rules: KickoffRules, lineOf: LineOf, checkSteps: CheckSteps): Fault[] {
  const known = new Set(checkSteps(rules.kickoff.steps, lineOf).map(textOf));
  return Object.entries(rules.workstreams).flatMap(([name, { starts, pipelines, assembly }]) => {
    const faults: Fault[] = [];
    const add = (path: readonly PropertyKey[], message: string) => {
      const line = lineOf(['workstreams', name, ...path]);
      faults.push({ path: pathText(['workstreams', name, ...path]), message, ...(line === undefined ? {} : { line }) });
    };
    if (pipelines !== undefined && starts === 'by_hand') {
      add(['pipelines'], 'has no effect: what starts by hand starts for any deal (starts: with_deal?)');
    }
    const { roles, requireOneOf = [] } = assembly;
    if (roles !== undefined && requireOneOf.length > 0 && !requireOneOf.some((role) => roles.includes(role))) {
      add(['assembly', 'requireOneOf'], `none of these is among the roles that are invited: ${roles.join(', ')}`);
    }
    return [...faults, ...faultsOfSteps(rules, name, lineOf, checkSteps).filter((fault) => !known.has(textOf(fault)))];
  });
}

/** Every step that may run in some kickoff. */
export function everyStep(rules: Pick<KickoffRules, 'kickoff' | 'workstreams'>): Step[] {
  const policies = ['', ...Object.keys(rules.workstreams)].map((name) => policyOf(rules, name));
  return [...new Set(policies.flatMap(({ steps }) => Object.values(steps).flat()))];
}

function faultsOfSteps(rules: KickoffRules, name: string, lineOf: LineOf, checkSteps: CheckSteps): Fault[] {
  const own = rules.workstreams[name]?.kickoff.steps;
  if (typeof own !== 'object' || own === null) return [];
  const lists = Object.keys(own);
  const lineInFile: LineOf = (path) => {
    const isOwn = lists.includes(String(path[2]));
    return lineOf(isOwn ? ['workstreams', name, ...path] : path);
  };
  const placed = (text: string) =>
    text.replaceAll(/\bkickoff\.steps\.(\w+)/g, (path, list) =>
      lists.includes(list) ? `workstreams.${name}.${path}` : path,
    );
  return checkSteps(policyOf(rules, name).steps, lineInFile).map((fault) => {
    const path = placed(fault.path);
    const message = placed(fault.message);
    // A step of the main kickoff may only be wrong beside this workstream's own.
    return { ...fault, path, message: path === fault.path ? `in workstream ${name}, ${message}` : message };
  });
}

function textOf({ path, message }: Fault): string {
  return `${path} ${message.replace(/^in workstream \S+, /, '')}`;
}
