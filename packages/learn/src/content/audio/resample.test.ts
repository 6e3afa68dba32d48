import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmptyInput, InvalidArgument, InvalidExamples } from '../../error.ts';
import { resample } from './resample.ts';
import type { Samples } from './samples.ts';
import { sounded, spread } from './sounds.fixture.ts';

const sine = (rate: number, hertz: number): Samples =>
  sounded(rate, 0.5, (_, second) => 0.8 * Math.sin(2 * Math.PI * hertz * second + 0.3));

/** Without the ends, where the silence outside is heard. */
function interior({ data }: Samples): Float32Array {
  const edge = Math.floor(data.length / 8);
  return data.subarray(edge, data.length - edge);
}

test('a tone within the band is that tone at every rate', () => {
  for (const [from, to] of [
    [44100, 22050],
    [44100, 48000],
    [48000, 44100],
    [22050, 8000],
    [8000, 44101],
    [44100, 44101],
    [48000, 5500],
  ] as const) {
    const found = resample(sine(from, 997), to);
    const wanted = sine(to, 997);
    assert.ok(Math.abs(found.data.length - to / 2) <= 1);
    const [a, b] = [
      interior({ ...found, data: found.data.subarray(0, wanted.data.length) }),
      interior(wanted),
    ];
    const errors = Array.from(b, (value, at) => Math.abs(a[at]! - value));
    assert.ok(Math.max(...errors) < 1e-4, `${from} to ${to}: ${Math.max(...errors)}`);
  }
});

test('what the new rate cannot hold is 80 dB down', () => {
  for (const hertz of [4100, 6000, 15000]) {
    const left = interior(resample(sine(44100, hertz), 8000));
    assert.ok(Math.max(...left.map(Math.abs)) < 0.8e-4, `${hertz}`);
  }
});

test('channels stay apart; the same rate gives the same recording', () => {
  const one = sine(16000, 440);
  const two = spread(one, 2);
  two.data.forEach((value, at) => {
    if (at % 2 === 1) two.data[at] = -value;
  });
  const found = resample(two, 11025);
  const alone = resample(one, 11025);
  assert.equal(found.data.length, 2 * alone.data.length);
  alone.data.forEach((value, at) => {
    assert.equal(found.data[2 * at], value);
    assert.ok(Math.abs(found.data[2 * at + 1]! + value) < 1e-7);
  });
  assert.equal(resample(one, 16000), one);
});

test('a single sample, and what cannot be', () => {
  const one = { rate: 8000, channels: 1, data: Float32Array.of(1) };
  assert.equal(resample(one, 16000).data.length, 2);
  assert.equal(resample(one, 1000).data.length, 1);
  const wrong: readonly object[] = [
    { ...one, rate: 999 },
    { ...one, rate: 8000.5 },
    { ...one, channels: 0 },
    { ...one, channels: 2 },
    { ...one, data: [1] },
    { ...one, data: Float32Array.of(0, Number.NaN) },
    { ...one, data: Float32Array.of(0, Infinity) },
    { ...one, data: Float32Array.of(-1e6) },
  ];
  for (const samples of wrong)
    assert.throws(() => resample(samples as Samples, 9000), InvalidExamples);
  assert.throws(() => resample({ ...one, data: new Float32Array(0) }, 9000), EmptyInput);
  for (const rate of [0, 1e6, 8000.5, Number.NaN]) {
    assert.throws(() => resample(one, rate), InvalidArgument);
  }
});
