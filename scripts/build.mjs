/**
 * Compiles `dist/`, bundles the workflows, copies what is not TypeScript. Only what changed is done again.
 *
 * node scripts/build.mjs [--schema]   --schema: also write kickoff.config.schema.json,
 *                                       the schemas and OpenAPI documents of deal and form events in docs/
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUILT, MAIN, ROOMS, ROOT } from './checkout.mjs';
import { runChild } from './child.mjs';

const require = createRequire(import.meta.url);
const DIST = join(ROOT, 'dist');
const BUNDLE = join(DIST, 'workflow-bundle.js');
const BUNDLE_HASH = join(DIST, '.workflow-bundle-hash');
/** Rooms whose code must not be in the bundle: it runs in Temporal's sandbox, without Node. */
const OTHER_ROOMS = ROOMS.filter((room) => room !== 'workflows');

const began = new Date();
// Without its output, tsc's own record of what is compiled is wrong.
if (!existsSync(MAIN)) rmSync(join(DIST, '.tsbuildinfo'), { force: true });
removeStale();
const code = await runChild(process.execPath, [
  join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
  '-p',
  'tsconfig.build.json',
]);
if (code !== 0) process.exit(code);
copyAssets();
await bundleWorkflows();
if (process.argv.includes('--schema')) await writeSchemas();
// Stamped with the beginning: what was saved while we compiled is compiled the next time.
writeFileSync(BUILT, began.toISOString());
utimesSync(BUILT, began, began);

/** tsc leaves the output of sources that are gone, and an import of it would go unnoticed. */
function removeStale() {
  for (const file of filesIn(DIST)) {
    const name = relative(DIST, file);
    if (!ROOMS.includes(name.split(/[\\/]/)[0])) continue;
    const source = join(ROOT, name.replace(/\.(?:js|d\.ts)(?:\.map)?$/, '.ts'));
    // What is not TypeScript is copied under its own name.
    if (!existsSync(source) && !existsSync(join(ROOT, name))) rmSync(file);
  }
}

function copyAssets() {
  for (const room of ROOMS) {
    for (const file of filesIn(join(ROOT, room))) {
      if (/\.(?:ts|md)$/.test(file)) continue;
      const target = join(DIST, relative(ROOT, file));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(file, target);
    }
  }
}

async function bundleWorkflows() {
  const hash = workflowsHash();
  if (existsSync(BUNDLE) && existsSync(BUNDLE_HASH) && readFileSync(BUNDLE_HASH, 'utf8') === hash) return;
  const { bundleWorkflowCode, DefaultLogger } = await import('@temporalio/worker');
  const { code: bundled } = await bundleWorkflowCode({
    workflowsPath: join(DIST, 'workflows', 'index.js'),
    logger: new DefaultLogger('WARN'),
  });
  const strangers = bundledFiles(bundled).filter((file) => OTHER_ROOMS.includes(file.split('/')[0]));
  if (strangers.length > 0) {
    process.stderr.write(`Workflows may import types of other rooms, not their code: ${strangers.join(', ')}\n`);
    process.exit(1);
  }
  writeFileSync(`${BUNDLE}.new`, bundled);
  renameSync(`${BUNDLE}.new`, BUNDLE);
  writeFileSync(BUNDLE_HASH, hash);
  process.stderr.write(`Workflow bundle: ${Math.round(Buffer.byteLength(bundled) / 1024)} kB\n`);
}

function workflowsHash() {
  const hash = createHash('sha256').update(require('@temporalio/worker/package.json').version);
  for (const file of filesIn(join(DIST, 'workflows')).sort()) {
    if (file.endsWith('.js')) hash.update(relative(DIST, file)).update(readFileSync(file));
  }
  return hash.digest('hex');
}

/** From the source map that the bundle carries inline; relative to the project. */
function bundledFiles(bundled) {
  const map = /sourceMappingURL=data:application\/json;(?:charset=[\w-]+;)?base64,([\w+/=]+)/.exec(bundled)?.[1];
  if (map === undefined) throw new Error('the workflow bundle has no source map: its contents cannot be checked');
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString('utf8'));
  return sources
    .filter((file) => !file.includes('node_modules'))
    .map((file) =>
      relative(ROOT, file)
        .replaceAll('\\', '/')
        .replace(/^dist\//, ''),
    );
}

async function writeSchemas() {
  const built = (room) => import(pathToFileURL(join(DIST, room, 'index.js')).href);
  const { jsonSchema } = await built('config');
  const { dealEventJsonSchema, formEventJsonSchema } = await built('crm');
  const { dealOpenApi, formOpenApi } = await built('triggers');
  writeJson('kickoff.config.schema.json', jsonSchema());
  writeJson('docs/deal-event.schema.json', dealEventJsonSchema());
  writeJson('docs/openapi.json', dealOpenApi());
  writeJson('docs/form-event.schema.json', formEventJsonSchema());
  writeJson('docs/form-openapi.json', formOpenApi());
}

function writeJson(name, value) {
  writeFileSync(join(ROOT, name), `${JSON.stringify(value, null, 2)}\n`);
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}
