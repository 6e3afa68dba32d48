import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

type Rgb = readonly [number, number, number];
type Tokens = ReadonlyMap<string, string>;

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

/** The declarations of the n-th block of the sheet: light, dark by the system, dark by choice. */
function block(n: number): Tokens {
  const bodies = [...css.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1]!);
  return new Map(
    [...bodies[n]!.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1]!, match[2]!]),
  );
}

const themes = { light: block(0), dark: block(2) };

function rgb(tokens: Tokens, name: string): Rgb {
  const hex = tokens.get(name);
  assert.match(hex ?? '', /^#[0-9a-f]{6}$/, `--${name} is a colour`);
  return [1, 3, 5].map((at) => Number.parseInt(hex!.slice(at, at + 2), 16) / 255) as unknown as Rgb;
}

const linear = (channel: number): number =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map(linear) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2: from 1 to 21. */
function contrast(one: Rgb, two: Rgb): number {
  const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const states = ['ok', 'run', 'wait', 'warn', 'fail', 'idle'];
const grounds = ['bg', 'side', 'surface', 'sunken', 'hover'];

for (const [theme, tokens] of Object.entries(themes)) {
  test(`text is at least 4.5:1 on every ground, ${theme}`, () => {
    const pairs = [
      ...['text', 'text-2', 'text-3'].flatMap((text) => grounds.map((ground) => [text, ground])),
      ...['text', 'text-2'].map((text) => [text, 'selected']),
      ['on-ink', 'ink'],
      ...states.flatMap((state) => [
        [state, `${state}-tint`],
        [state, 'surface'],
        [state, 'hover'],
      ]),
    ];
    for (const [text, ground] of pairs as [string, string][]) {
      const found = contrast(rgb(tokens, text), rgb(tokens, ground));
      assert.ok(found >= 4.5, `${text} on ${ground} is ${found.toFixed(2)}:1`);
    }
    assert.ok(pairs.length >= 36);
  });

  test(`marks and control borders are at least 3:1, ${theme}`, () => {
    const marks = [
      'control',
      'focus',
      ...[1, 2, 3, 4, 5, 6].map((n) => `series-${n}`),
      'series-base',
    ];
    for (const mark of marks) {
      const found = contrast(rgb(tokens, mark), rgb(tokens, 'surface'));
      assert.ok(found >= 3, `${mark} is ${found.toFixed(2)}:1`);
    }
  });
}

test('the dark theme of the system and the chosen one hold the same values', () => {
  assert.deepEqual([...block(1)], [...block(2)]);
  assert.deepEqual([...block(0).keys()], [...block(2).keys()]);
});

/**
 * Full loss of one cone type: the matrices of Machado, Oliveira and Fernandes (2009) at severity 1,
 * on linear light.
 */
const losses: Readonly<Record<string, readonly Rgb[]>> = {
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function lab(colour: Rgb, loss: readonly Rgb[]): Rgb {
  const light = colour.map(linear);
  const [red, green, blue] = loss.map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        row.reduce((sum, weight, at) => sum + weight * light[at]!, 0),
      ),
    ),
  ) as unknown as Rgb;
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505);
  const y = f(0.2126 * red + 0.7152 * green + 0.0722 * blue);
  const z = f((0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

test('without one cone type, states and the first series stay apart', () => {
  const groups: readonly (readonly [readonly string[], number])[] = [
    [states, 11],
    [['series-base', 'series-1', 'series-2', 'series-3', 'series-4'], 15],
  ];
  let closest = Number.POSITIVE_INFINITY;
  for (const tokens of Object.values(themes)) {
    for (const loss of Object.values(losses)) {
      for (const [names, least] of groups) {
        for (const [at, one] of names.entries()) {
          for (const two of names.slice(at + 1)) {
            const [a, b] = [lab(rgb(tokens, one), loss), lab(rgb(tokens, two), loss)];
            const apart = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
            closest = Math.min(closest, apart);
            assert.ok(apart >= least, `${one} and ${two} are ${apart.toFixed(1)} apart`);
          }
        }
      }
    }
  }
  assert.ok(closest < 40, 'the measure tells colours apart at all');
});
