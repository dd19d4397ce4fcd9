/** The command line that does something to a deal's kickoff, ready to be copied: ids from outside are quoted for the shell. */
export function commandLine(command: string, kickoff: { deal_id: string; workstream: string }): string {
  const stream = kickoff.workstream === '' ? [] : ['--workstream', shellWord(kickoff.workstream)];
  return ['kickoff', command, '--deal', shellWord(kickoff.deal_id), ...stream].join(' ');
}

export function shellWord(text: string): string {
  return /^[\w.:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
