import { dirname, join, resolve } from 'node:path';
import type { Project } from '../project.ts';

/** The state folder of a project, or the one that was asked for. */
export function homeOf(project: Project, asked: string | undefined, cwd: string): string {
  return asked === undefined ? join(project.folder, '.backlot') : resolve(cwd, asked);
}

/** Where backups of a state folder are written: beside it, so that a restore leaves them alone. */
export function backupsOf(home: string): string {
  return join(dirname(home), '.backlot-backups');
}
