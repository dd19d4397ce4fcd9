/**
 * `npm run demo`, `npm run dev`, `npm run -s kickoff -- <command>`: the `kickoff` command from a clone. Installs and
 * builds when needed, then becomes the command: in this process, so that there is nobody between it and the terminal.
 */
import { pathToFileURL } from 'node:url';
import { MAIN } from './checkout.mjs';
import { endWithNpm, swallowEchoes } from './child.mjs';
import { prepare } from './prepare.mjs';

endWithNpm();
const code = await prepare();
if (code !== 0) process.exit(code);
swallowEchoes();
process.argv[1] = MAIN;
await import(pathToFileURL(MAIN).href);
