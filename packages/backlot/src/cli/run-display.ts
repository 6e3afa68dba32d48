import type { RunView } from '@backlot/server/client';
import type { Output } from './output.ts';

type TaskView = RunView['taskViews'][number];

/** Shows a run as it goes: a tree that is repainted on a terminal, else a line for each change. */
interface RunDisplay {
  show(run: RunView, now: number): void;
  /** Leaves the last picture standing. */
  end(): void;
}

export function createRunDisplay(output: Output): RunDisplay {
  if (output.json) return eventDisplay(output);
  return output.live ? repaintingDisplay(output) : lineDisplay(output);
}

function repaintingDisplay(output: Output): RunDisplay {
  let painted = 0;
  return {
    show: (run, now) => {
      const lines = runLines(run, now, output.colour);
      const up = painted > 0 ? `\u001b[${painted}A` : '';
      output.paint(`${up}\u001b[0J${lines.join('\n')}\n`);
      painted = lines.length;
    },
    end: () => {
      painted = 0;
    },
  };
}

function lineDisplay(output: Output): RunDisplay {
  const seen = new Map<string, string>();
  return {
    show: (run, now) => {
      for (const task of run.taskViews) {
        const key = `${task.state}.${task.attempt}`;
        if (seen.get(task.id) === key || task.state === 'queued' || task.state === 'leased')
          continue;
        seen.set(task.id, key);
        output.say(`${words[task.state]} ${task.id}${details(task, now)}`);
      }
    },
    end: () => undefined,
  };
}

/** For programs: each change of a task, its progress too, as one JSON object on a line. */
function eventDisplay(output: Output): RunDisplay {
  const seen = new Map<string, string>();
  return {
    show: (run, now) => {
      for (const task of run.taskViews) {
        const event = eventOf(run, task, now);
        const { leftMs: _, ...key } = event;
        const text = JSON.stringify(key);
        if (seen.get(task.id) === text) continue;
        seen.set(task.id, text);
        output.say(JSON.stringify(event));
      }
    },
    end: () => undefined,
  };
}

function eventOf({ id }: RunView, task: TaskView, now: number) {
  const { losses: _, ...progress } = task.progress ?? {};
  const left = task.state === 'running' ? leftMs(task, now) : undefined;
  return {
    ...{ event: 'task', run: id, task: task.id, state: task.state, attempt: task.attempt },
    ...(task.progress && { progress }),
    ...(left !== undefined && { leftMs: Math.round(left) }),
  };
}

const words: Readonly<Record<TaskView['state'], string>> = {
  queued: 'waits    ',
  leased: 'starts   ',
  running: 'running  ',
  succeeded: 'done     ',
  failed: 'failed   ',
  cancelled: 'cancelled',
  skipped: 'skipped  ',
  upstream_failed: 'not run  ',
};

const marks: Readonly<Record<TaskView['state'], string>> = {
  queued: '·',
  leased: '·',
  running: '◐',
  succeeded: '✓',
  failed: '✗',
  cancelled: '−',
  skipped: '−',
  upstream_failed: '−',
};

const colours: Readonly<Partial<Record<TaskView['state'], number>>> = {
  running: 34,
  succeeded: 32,
  failed: 31,
  upstream_failed: 90,
  queued: 90,
  leased: 90,
};

/** The run as lines: a head, then each task below what it waits for. */
export function runLines(run: RunView, now: number, colour: boolean): readonly string[] {
  const head = `${run.pipeline}  run ${run.id.slice(0, 7)}  ${run.done} of ${run.tasks} tasks`;
  const width = Math.max(...run.taskViews.map((task) => task.id.length + 2 * depthOf(task, run)));
  return [
    head,
    ...run.taskViews.map((task) => {
      const indent = '  '.repeat(depthOf(task, run));
      const name = `${indent}${task.id}`.padEnd(width);
      return ` ${paint(marks[task.state], colours[task.state], colour)} ${name}${details(task, now)}`;
    }),
  ];
}

/** How many tasks stand between a task and the run's start, on the longest way. */
function depthOf(task: TaskView, run: RunView): number {
  const byId = new Map(run.taskViews.map((view) => [view.id, view]));
  const depth = (id: string): number =>
    Math.max(0, ...(byId.get(id)?.upstream ?? []).map((upstream) => depth(upstream) + 1));
  return depth(task.id);
}

function paint(text: string, code: number | undefined, colour: boolean): string {
  return colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
}

function details(task: TaskView, now: number): string {
  if (task.state === 'failed') {
    const problem = task.attempts.at(-1)?.error;
    return problem ? `  ${problem.code} ${problem.reason}` : '';
  }
  if (task.state === 'running')
    return `  ${seconds(now - (task.startedAt ?? now))}${progress(task, now)}`;
  if (task.state !== 'succeeded') return '';
  if (task.cache?.hit) return '  same as before';
  return `  ${seconds((task.endedAt ?? now) - (task.startedAt ?? now))}`;
}

function progress(task: TaskView, now: number): string {
  const seen = task.progress;
  if (!seen) return '';
  const total = seen.total === undefined ? '' : ` of ${whole(seen.total)}`;
  const loss = seen.loss === undefined ? '' : `, loss ${figure(seen.loss)}`;
  const rate = rateOf(task, now);
  const ms = leftMs(task, now);
  const left = ms === undefined ? '' : `, about ${seconds(ms)} left`;
  const speed = rate > 0 ? `, ${whole(rate)}/s` : '';
  return `  ${whole(seen.done)}${total} ${seen.unit}${loss}${speed}${left}`;
}

/** Units a second; before two were told, those since the task began. */
function rateOf({ progress: seen, startedAt }: TaskView, now: number): number {
  const elapsed = (now - (startedAt ?? now)) / 1000;
  return seen?.rate ?? (seen && elapsed > 0 ? seen.done / elapsed : 0);
}

function leftMs(task: TaskView, now: number): number | undefined {
  const { done = 0, total } = task.progress ?? {};
  const rate = rateOf(task, now);
  return total !== undefined && rate > 0 && total > done
    ? ((total - done) / rate) * 1000
    : undefined;
}

/** Four digits that count. */
function figure(value: number): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 4 }).format(value);
}

function whole(value: number): string {
  return new Intl.NumberFormat('en', { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

function seconds(ms: number): string {
  return `${new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(Math.max(0, ms) / 1000)} s`;
}
