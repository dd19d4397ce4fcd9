import { type Command, Option } from 'commander';
import type { CommandContext } from './command-context.ts';

interface Parts {
  program: Command;
  command(name: string, description: string, parent?: Command): Command;
  run(options: { json?: boolean }, work: (context: CommandContext) => Promise<void>): Promise<void>;
}

/** `kickoff console …`: who may sign in to the web pages, and who is signed in. */
export function consoleCommands({ program, command, run }: Parts): void {
  const parent = program.command('console').description('who may sign in to the web pages, and who is signed in');
  const load = async () => await import('./commands/console.ts');

  const users = parent.command('users').description('accounts of the console');
  command('list', 'lists the accounts', users).action((options) =>
    run(options, async (context) => (await load()).listUsers(context, options)),
  );
  command('add', 'makes an account; its password is made too and shown once, unless one is given', users)
    .argument('<name>')
    .addOption(roleOption('may look, or act too').makeOptionMandatory())
    .option('--password-stdin', 'the password is the first line of standard input')
    .action((name, options) => run(options, async (context) => (await load()).addUser(context, name, options)));
  command('password', 'gives an account another password and ends its sessions', users)
    .argument('<name>')
    .option('--password-stdin', 'the password is the first line of standard input; else one is made and shown once')
    .action((name, options) => run(options, async (context) => (await load()).changePassword(context, name, options)));
  command('role', 'gives an account another role and ends its sessions', users)
    .argument('<name>')
    .addOption(roleOption('may look, or act too').makeOptionMandatory())
    .action((name, options) => run(options, async (context) => (await load()).changeRole(context, name, options)));
  for (const [name, description, isDisabled] of [
    ['disable', 'nobody signs in with this account any more, and its sessions end', true],
    ['enable', 'the account may be used again', false],
  ] as const) {
    command(name, description, users)
      .argument('<name>')
      .action((user, options) =>
        run(options, async (context) => (await load()).setDisabled(context, user, options, isDisabled)),
      );
  }

  command('link', 'makes a link that signs one person in, once, within 15 minutes', parent)
    .addOption(roleOption('what it lets them do').default('operator'))
    .option('--name <name>', 'who it is for, as the audit log will have them; default: the user of this machine')
    .option('--url <url>', 'where browsers find the console; default PUBLIC_URL')
    .action((options) => run(options, async (context) => (await load()).makeLink(context, options)));

  const sessions = parent.command('sessions').description('who is signed in');
  command('list', 'shows who is signed in', sessions).action((options) =>
    run(options, async (context) => (await load()).listSessions(context, options)),
  );
  command('end', 'signs somebody out, wherever they are', sessions)
    .argument('[name]', 'as the list shows them')
    .option('--all', 'everybody')
    .action((name, options) => run(options, async (context) => (await load()).endSessions(context, name, options)));
}

function roleOption(about: string): Option {
  return new Option('--role <role>', about).choices(['operator', 'viewer']);
}
