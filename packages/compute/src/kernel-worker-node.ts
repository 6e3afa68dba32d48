import { parentPort } from 'node:worker_threads';
import { present } from '@backlot/core';
import { kernelService, type WorkerRequest } from './kernel-service.ts';

const port = present(parentPort, 'the port of a worker thread');
const serve = kernelService();

port.on('message', async (request: WorkerRequest) => port.postMessage(await serve(request)));
