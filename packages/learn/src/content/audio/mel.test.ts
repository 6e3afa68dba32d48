import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvalidArgument } from '../../error.ts';
import type { Matrix } from '../../matrix.ts';
import { logMel, mfcc } from './mel.ts';
import { spoken } from './sounds.fixture.ts';
import { powerSpectrogram } from './spectra.ts';

const sound = spoken();

function rowOf({ columns, values }: Matrix, row: number, at: readonly number[]): number[] {
  return at.map((column) => values[row * columns + column]!);
}

function near(found: readonly number[], wanted: readonly number[], tolerance: number): void {
  wanted.forEach((value, at) => {
    const error = Math.abs(found[at]! - value) / Math.max(1, Math.abs(value));
    assert.ok(error <= tolerance, `${at}: ${found[at]}, not ${value}`);
  });
}

const total = ({ values }: Matrix): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0);

// librosa 0.11.0, which works in floats: stft, melspectrogram, power_to_db, feature.mfcc.
test('power spectra are those of librosa', () => {
  const found = powerSpectrogram(sound);
  assert.deepEqual([found.rows, found.columns], [44, 1025]);
  const wanted = [0.02314148, 0.8809033, 41210.83, 258.6852, 0.5256577];
  near(rowOf(found, 10, [0, 5, 41, 100, 1024]), wanted, 1e-5);
});

test('log-mel bands are those of librosa', () => {
  const found = logMel(sound);
  assert.deepEqual([found.rows, found.columns], [44, 128]);
  const bands = [0, 3, 20, 50, 90, 127];
  const tenth = [-22.37105, -10.42137, -13.36354, -13.95598, -11.57927, -12.88371];
  near(rowOf(found, 10, bands), tenth, 1e-5);
  const first = [3.933032, 4.908323, 6.525887, -15.11595, -14.35501, -15.40041];
  near(rowOf(found, 0, bands), first, 1e-5);
  near([total(found), Math.min(...found.values)], [-57641.8125, -25.14774513], 1e-5);
});

test('bands by the formula of HTK, of equal height, between two frequencies, too', () => {
  const options = { scale: 'htk', normalise: 'height', range: null } as const;
  const found = logMel(sound, { ...options, bands: 40, low: 50, high: 8000 });
  near(rowOf(found, 10, [0, 3, 20, 39]), [7.462935, 5.476819, 10.4777, 15.5463], 1e-5);
  near([total(found)], [24365.2421875], 1e-5);
});

test('cepstral coefficients are those of librosa', () => {
  const found = mfcc(sound);
  const wanted = [
    -107.5299, 34.68966, 3.738117, -29.95381, -32.81979, -9.916523, 10.13839, 14.34567, -4.923979,
    -27.395, -36.50256, -19.58032, 9.706218, 28.10406, 27.26563, 14.95468, 1.625809, -4.638387,
    -2.875202, 7.848769,
  ];
  near(
    rowOf(
      found,
      10,
      wanted.map((_, k) => k),
    ),
    wanted,
    1e-5,
  );
  near([total(found)], [-4160.7880859375], 1e-5);
});

test('silence is -100 dB, one sample makes one frame, and frames need not be powers of two', () => {
  const silence = { rate: 8000, channels: 2, data: new Float32Array(2000) };
  assert.ok(logMel(silence).values.every((value) => value === -100));
  const one = { rate: 8000, channels: 1, data: Float32Array.of(1) };
  assert.equal(logMel(one).rows, 1);
  assert.ok(mfcc(one, { coefficients: 5 }).values.every(Number.isFinite));
  const odd = logMel(sound, { frame: 1999, hop: 441 });
  assert.deepEqual([odd.rows, odd.values.every(Number.isFinite)], [51, true]);
});

test('options out of their range are refused', () => {
  const wrong = [
    { frame: 15 },
    { hop: 0 },
    { bands: 0 },
    { low: -1 },
    { low: 900, high: 900 },
    { high: 12000 },
    { range: 0 },
    { coefficients: 129 },
    { bands: 10, coefficients: 11 },
  ];
  for (const options of wrong) assert.throws(() => mfcc(sound, options), InvalidArgument);
});
