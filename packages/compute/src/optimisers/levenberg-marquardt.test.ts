import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cancelled } from '@backlot/core';
import { type CurveFit, levenbergMarquardt } from './levenberg-marquardt.ts';

type Model = (b: Float64Array, x: number) => number;

/**
 * Three test functions of More, Garbow and Hillstrom (1981), with NIST's certified estimates, standard
 * deviations and residual sums of squares: MGH09, MGH10 and MGH17, of NIST's highest and average difficulty.
 */
const problems = [
  {
    name: 'MGH09, Kowalik and Osborne',
    y: [0.1957, 0.1947, 0.1735, 0.16, 0.0844, 0.0627, 0.0456, 0.0342, 0.0323, 0.0235, 0.0246],
    x: [4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625],
    model: ((b, x) => (b[0]! * (x * x + x * b[1]!)) / (x * x + x * b[2]! + b[3]!)) as Model,
    starts: [[0.25, 0.39, 0.415, 0.39]],
    certified: [1.9280693458e-1, 1.9128232873e-1, 1.2305650693e-1, 1.3606233068e-1],
    deviations: [1.1435312227e-2, 1.9633220911e-1, 8.0842031232e-2, 9.0025542308e-2],
    squares: 3.0750560385e-4,
  },
  {
    name: 'MGH10, Meyer',
    y: [
      ...[34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744],
      ...[8261, 7030, 6005, 5147, 4427, 3820, 3307, 2872],
    ],
    x: Array.from({ length: 16 }, (_, k) => 50 + 5 * k),
    model: ((b, x) => b[0]! * Math.exp(b[1]! / (x + b[2]!))) as Model,
    starts: [
      [2, 400000, 25000],
      [0.02, 4000, 250],
    ],
    certified: [5.609636471e-3, 6.1813463463e3, 3.4522363462e2],
    deviations: [1.5687892471e-4, 2.3309021107e1, 7.8486103508e-1],
    squares: 8.7945855171e1,
  },
  {
    name: 'MGH17, Osborne',
    y: [
      ...[0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.85, 0.818, 0.784, 0.751],
      ...[0.718, 0.685, 0.658, 0.628, 0.603, 0.58, 0.558, 0.538, 0.522, 0.506, 0.49],
      ...[0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.42, 0.414, 0.411, 0.406],
    ],
    x: Array.from({ length: 33 }, (_, k) => 10 * k),
    model: ((b, x) => b[0]! + b[1]! * Math.exp(-x * b[3]!) + b[2]! * Math.exp(-x * b[4]!)) as Model,
    starts: [[0.5, 1.5, -1, 0.01, 0.02]],
    certified: [3.7541005211e-1, 1.9358469127, -1.4646871366, 1.286753464e-2, 2.2122699662e-2],
    deviations: [
      2.0723153551e-3, 2.2031669222e-1, 2.2175707739e-1, 4.4861358114e-4, 8.9471996575e-4,
    ],
    squares: 5.4648946975e-5,
  },
];

function fitOf(y: readonly number[], x: readonly number[], model: Model, start: readonly number[]) {
  return levenbergMarquardt({
    ...{ observations: y.length, start: Float64Array.from(start) },
    residuals: (b, out) => {
      for (let i = 0; i < out.length; i++) out[i] = y[i]! - model(b, x[i]!);
    },
  });
}

function digits(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  return Math.min(
    ...Array.from(wanted, (value, k) =>
      Math.min(15, -Math.log10(Math.abs(found[k]! - value) / Math.abs(value) + 1e-16)),
    ),
  );
}

for (const { name, y, x, model, starts, certified, deviations, squares } of problems) {
  for (const start of starts) {
    test(`${name} from ${start}: NIST's certified values`, () => {
      const found = fitOf(y, x, model, start);
      assert.ok(found.converged);
      assert.ok(digits(found.parameters, certified) > 7, `${found.parameters}`);
      assert.ok(digits(found.standardErrors, deviations) > 6, `${found.standardErrors}`);
      assert.ok(digits([found.sumOfSquares], [squares]) > 9, `${found.sumOfSquares}`);
    });
  }
}

test('a valley without an end, from the farther start of MGH09, is not called a minimum', () => {
  const { y, x, model } = problems[0]!;
  const found = fitOf(y, x, model, [25, 39, 41.5, 39]);
  assert.deepEqual([found.converged, found.iterations], [false, 1000]);
});

test('a curve of given derivatives is what central differences give', () => {
  const x = Float64Array.from({ length: 40 }, (_, k) => k / 8);
  const y = x.map((value, k) => 2.5 * Math.exp(-0.7 * value) + 0.4 + 0.02 * Math.sin(7 * k));
  const residuals = (b: Float64Array, out: Float64Array): void => {
    x.forEach((value, i) => {
      out[i] = y[i]! - b[0]! * Math.exp(-b[1]! * value) - b[2]!;
    });
  };
  const common = { residuals, observations: 40, start: Float64Array.of(1, 1, 0) };
  const differences = levenbergMarquardt(common);
  const exact = levenbergMarquardt({
    ...common,
    jacobian: (b, out) => {
      x.forEach((value, i) => {
        const power = Math.exp(-b[1]! * value);
        out.set([-power, b[0]! * value * power, -1], 3 * i);
      });
    },
  });
  assert.ok(exact.converged && differences.converged);
  assert.ok(digits(differences.parameters, exact.parameters) > 8);
  assert.ok(digits(differences.standardErrors, exact.standardErrors) > 6);
  assert.ok(exact.evaluations < differences.evaluations);
});

test('exact data is met to rounding; a parameter without effect has no standard error', () => {
  const x = [1, 2, 3, 4, 5];
  const y = x.map((value) => 3 * value ** 0.5);
  const exact = fitOf(y, x, (b, at) => b[0]! * at ** b[1]!, [1, 1]);
  assert.ok(exact.converged && digits(exact.parameters, [3, 0.5]) > 9);
  const idle: CurveFit = fitOf(y, x, (b, at) => b[0]! * at ** b[1]! + 0 * b[2]!, [1, 1, 7]);
  assert.ok(idle.converged && digits(idle.parameters, [3, 0.5, 7]) > 6);
  assert.ok(Number.isNaN(idle.standardErrors[2]));
});

test('spent iterations, a signal, a start without value and a step too far', () => {
  const [x, y] = [
    [1, 2, 3],
    [1, 4, 9],
  ];
  const start = Float64Array.of(9);
  const residuals = (b: Float64Array, out: Float64Array): void => {
    x.forEach((value, i) => {
      out[i] = y[i]! - value ** b[0]!;
    });
  };
  const common = { observations: 3, start, residuals };
  assert.equal(levenbergMarquardt({ ...common, maxIterations: 1 }).converged, false);
  assert.throws(() => levenbergMarquardt({ ...common, signal: AbortSignal.abort() }), Cancelled);
  assert.throws(() => levenbergMarquardt({ ...common, start: Float64Array.of(1e9) }), {
    code: 'E-COMPUTE-011',
  });
  // The logarithm has no value where the first step would lead.
  const edged = levenbergMarquardt({
    ...{ observations: 1, start: Float64Array.of(3) },
    residuals: ([b], out) => {
      out[0] = Math.log(b!);
    },
  });
  assert.ok(edged.converged && Math.abs(edged.parameters[0]! - 1) < 1e-9);
});

const folder = join(import.meta.dirname, '../../../../../shared/data/nist-strd');

// A linear model is a curve too: the sets of linear regression that are there are held to their estimates.
for (const [name, degree, from, wanted] of [
  ['Norris', 1, 0, 9],
  ['NoInt1', 1, 1, 12],
  ['NoInt2', 1, 1, 12],
  ['Pontius', 2, 0, 8],
  ['Longley', 0, 0, 7],
] as const) {
  if (!existsSync(join(folder, `${name}.dat`))) continue;
  test(`NIST ${name}: the certified estimates`, () => {
    const lines = readFileSync(join(folder, `${name}.dat`), 'utf8').split(/\r?\n/);
    const certified = lines.flatMap((line) => {
      const found = /^\s*B\d+\s+(\S+)\s+(\S+)\s*$/.exec(line);
      return found ? [Number(found[1])] : [];
    });
    const range = /Data\s+\(lines (\d+) to (\d+)\)/.exec(lines.slice(0, 12).join('\n'))!;
    const data = lines
      .slice(Number(range[1]) - 1, Number(range[2]))
      .map((line) => line.trim().split(/\s+/).map(Number));
    const terms = data.map(([, ...x]) =>
      degree === 0
        ? [1, ...x]
        : Array.from({ length: degree - from + 1 }, (_, power) => x[0]! ** (power + from)),
    );
    const found = levenbergMarquardt({
      ...{ observations: data.length, start: new Float64Array(certified.length).fill(1) },
      residuals: (b, out) => {
        terms.forEach((row, i) => {
          out[i] = data[i]![0]! - row.reduce((sum, term, k) => sum + term * b[k]!, 0);
        });
      },
      jacobian: (_, out) => {
        terms.forEach((row, i) => {
          out.set(
            row.map((term) => -term),
            i * row.length,
          );
        });
      },
    });
    assert.ok(found.converged);
    assert.ok(
      digits(found.parameters, certified) > wanted,
      `${digits(found.parameters, certified)}`,
    );
  });
}
