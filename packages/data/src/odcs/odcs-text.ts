import { parse, stringify } from 'yaml';
import { BadContract } from '../data-error.ts';
import type { OdcsDocument } from './odcs-document.ts';

const maxLength = 4 * 2 ** 20;

/** A document from its text, which may be YAML or JSON; at most 4 Mi characters. */
export function parseOdcsText(text: string): unknown {
  if (text.length > maxLength) throw new BadContract('the document', 'it is longer than 4 MiB');
  try {
    // Aliases stand for what they name, but not for more than a hundred times as much.
    return parse(text, { maxAliasCount: 100, logLevel: 'error' });
  } catch (error) {
    if (error instanceof Error) {
      throw new BadContract('the document', 'it is neither YAML nor JSON');
    }
    throw error;
  }
}

/** A document as YAML. */
export function odcsYaml(document: OdcsDocument): string {
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: 100 });
}
