/**
 * The rooms and who may import whom; docs/architecture.md has the same table with its reasons.
 *
 * TypeScript 7 has no API for dependency-cruiser to use, so files are read with swc. It does not tell `import type` from
 * `import`: where the table allows types alone, `test/unit/deployment/rooms.test.ts` holds that, and the build refuses a
 * workflow bundle with another room's code in it.
 */

/** Files besides `index.ts` that other rooms may import: contracts, all types and schemas. */
const CONTRACTS = {
  workflows: 'workflows/messages.ts',
  activities: 'activities/contract.ts',
  config: 'config/policy.ts',
  crm: 'crm/port.ts',
  registry: 'registry/model.ts',
  database: 'database/schema.ts',
  skipup: 'skipup/schemas.ts',
};

/** Names and types of what goes in, and how a stored webhook becomes a signal. */
const MESSAGES = ['workflows/messages.ts', 'workflows/meeting/from-webhook.ts'];

/** A room allows its index and its contract; `room/file.ts` allows that file alone. */
const MAY_IMPORT = {
  skipup: [],
  crm: [],
  database: [],
  config: [],
  registry: ['database'],
  sandbox: ['skipup/schemas.ts'],
  temporal: ['config', 'database', 'workflows/messages.ts', 'crm/port.ts'],
  workflows: ['activities/contract.ts', 'config/policy.ts', 'crm/port.ts', 'registry/model.ts'],
  activities: ['skipup', 'crm', 'registry', 'database', 'temporal', ...MESSAGES, 'config/policy.ts'],
  worker: ['workflows', 'activities', 'config', 'temporal'],
  triggers: ['skipup', 'crm', 'database', 'config', 'temporal', ...MESSAGES],
  console: ['database', 'registry', 'temporal', 'skipup', 'workflows/messages.ts'],
};
const ROOMS = [...Object.keys(MAY_IMPORT), 'cli'];
MAY_IMPORT.cli = ROOMS.filter((room) => room !== 'cli');

const exactly = (path) => `^${path.replaceAll('.', '\\.')}$`;

const facesOf = (allowed) =>
  allowed.includes('/')
    ? [exactly(allowed)]
    : [exactly(`${allowed}/index.ts`), ...(CONTRACTS[allowed] === undefined ? [] : [exactly(CONTRACTS[allowed])])];

const roomRules = Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
  name: `${room}-imports`,
  comment: `${room}/ may import ${allowed.length === 0 ? 'no other room' : allowed.join(', ')}; of a room its index.ts and its contract.`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: `^(?:${ROOMS.filter((other) => other !== room).join('|')}|test|bench|scripts)/`,
    pathNot: allowed.flatMap(facesOf),
  },
}));

module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'no-cycles',
      comment:
        'Files that import each other cannot be understood, or loaded, one at a time. An import() that is made when asked for (crm/kinds.ts) closes no circle of loading.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['dynamic-import'] } },
    },
    {
      name: 'workflows-reach-no-node',
      comment: 'Workflow code runs in Temporal’s sandbox: nothing of Node, no package but Temporal’s.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { dependencyTypesNot: ['local'], pathNot: 'node_modules/@temporalio/(?:workflow|common)/' },
    },
    {
      name: 'without-temporal',
      comment: 'These rooms know nothing of Temporal.',
      severity: 'error',
      from: { path: '^(?:skipup|crm|registry|database|sandbox)/' },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'no-development-packages',
      comment: 'What is installed in production must be enough.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'resolvable',
      comment: 'The import leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
