/** One thing that is wrong with what was typed. */
export interface Fault {
  /** As the input names it: `deal.contacts[2].email`; empty when it is about the whole. */
  field: string;
  message: string;
}

const LINE = /^- ([\w.[\]]+): (.*)$/s;

/**
 * The faults in the sentence with which a dispatch refuses its input, one for each line of its list. A sentence without a
 * list is one fault of the whole.
 */
export function faultsIn(sentence: string): Fault[] {
  const listed = sentence.split('\n').filter((line) => line.startsWith('- '));
  if (listed.length === 0) return [{ field: '', message: sentence }];
  return listed.map((line) => {
    const [, field, message] = LINE.exec(line) ?? [];
    return field === undefined || message === undefined
      ? { field: '', message: line.slice(2) }
      : { field: field === 'input' ? '' : field, message };
  });
}

/** All of them in one sentence, each with its field. */
export function faultsInOne(faults: readonly Fault[]): string {
  return faults.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
}
