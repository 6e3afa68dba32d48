import { realIo } from '@backlot/core';
import { filesSuite } from './files-suite.ts';
import { simulatedDisk } from './simulated-disk.ts';

filesSuite('real', () => realIo().files);
filesSuite('simulated', (root) => simulatedDisk({ root }).io.files);
