import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EmptyInput, InvalidArgument } from '../../error.ts';
import { audioFeatures } from './audio-features.ts';
import { resample } from './resample.ts';
import type { Samples } from './samples.ts';
import { congruent, sounded, spoken, spread, tune } from './sounds.fixture.ts';

const sound = spoken();
const featureOf = (samples: Samples, name: string): number => {
  const { names, values } = audioFeatures(samples);
  assert.ok(names.includes(name), name);
  return values[names.indexOf(name)]!;
};

// librosa 0.11.0: feature.spectral_centroid and so on of sizes, chroma_stft(tuning=0), rms, mfcc,
// onset.onset_strength; then NumPy's mean and std over the frames.
test('means and deviations over the frames are those of librosa', () => {
  const { names, values } = audioFeatures(sound);
  const wanted: Readonly<Record<string, readonly [number, number]>> = {
    centroid: [3055.833, 292.6081],
    bandwidth: [3070.948, 120.0722],
    rolloff: [7207.995, 288.8662],
    flatness: [0.005840108, 0.000804383],
    level: [0.3131171, 0.0194385],
    onset: [1.11122, 0.3857085],
    'mfcc-0': [-115.7924, 8.174788],
    'mfcc-1': [21.7773, 18.741],
    'mfcc-4': [0.2779355, 16.13369],
    'mfcc-19': [2.930589, 10.47045],
  };
  for (const [name, numbers] of Object.entries(wanted)) {
    ['mean', 'deviation'].forEach((part, k) => {
      const found = values[names.indexOf(`${name}-${part}`)]!;
      assert.ok(Math.abs(found / numbers[k]! - 1) < 1e-4, `${name} ${part}: ${found}`);
    });
  }
  const chroma = [
    0.02612588, 0.02747313, 0.02965872, 0.03191481, 0.03367404, 0.03486329, 0.03638984, 0.03968861,
    0.240213, 1, 0.2284201, 0.02718202,
  ];
  const found = values.filter((_, at) => /^chroma-.*-mean$/.test(names[at]!));
  chroma.forEach((value, at) => {
    assert.ok(Math.abs(found[at]! - value) < 1e-5, `${at}: ${found[at]}`);
  });
  // librosa lies the first sample beyond each end once more, which moves the first and the last frames.
  const crossings = values[names.indexOf('crossings-mean')]!;
  assert.ok(Math.abs(crossings / 0.06447532 - 1) < 0.01, `${crossings}`);
});

test('tempi of clicks are found to a hundredth', () => {
  for (const beats of [72, 90, 120, 140, 174]) {
    const clicks = sounded(22050, 12, (_, second) => {
      const since = second % (60 / beats);
      return Math.exp(-60 * since) * Math.sin(2 * Math.PI * 1000 * since);
    });
    const found = featureOf(clicks, 'tempo');
    assert.ok(Math.abs(found / beats - 1) < 0.01, `${beats}: ${found}`);
  }
});

test('an A is the note A; flux is 0 for what never changes and more for what does', () => {
  const a = sounded(22050, 6, (_, second) => Math.sin(2 * Math.PI * 880 * second));
  // The frames at the ends see the tone begin and end.
  assert.ok(featureOf(a, 'chroma-a-mean') > 0.99);
  const [steady, moving] = [featureOf(a, 'flux-mean'), featureOf(tune(3, 22050, 2), 'flux-mean')];
  assert.ok(steady < 0.2 * moving, `${steady} ${moving}`);
});

test('rate and channels hardly move the row; loudness only what measures it', () => {
  const original = tune(4, 44100, 3);
  const { names, values } = audioFeatures(original);
  const scale = audioFeatures(tune(5, 44100, 3)).values.map((value, at) =>
    Math.abs(value - values[at]!),
  );
  const twice = audioFeatures(spread(resample(original, 48000), 2)).values;
  names.forEach((name, at) => {
    // Two equal channels are twice the power of one: 3 LU.
    const moved = Math.abs(
      twice[at]! - values[at]! - (name === 'loudness' ? 10 * Math.log10(2) : 0),
    );
    assert.ok(moved < 0.05 * Math.abs(values[at]!) + 0.05 * scale[at]! + 0.01, `${name}: ${moved}`);
  });
  const quiet = audioFeatures({ ...original, data: original.data.map((value) => value / 4) });
  const same = /^(mfcc-[1-9]|centroid|bandwidth|rolloff|flux|chroma|crossings|onset|tempo)/;
  names.forEach((name, at) => {
    if (!same.test(name)) return;
    const moved = Math.abs(quiet.values[at]! - values[at]!);
    assert.ok(moved < 1e-4 * Math.max(1, Math.abs(values[at]!)), `${name}: ${moved}`);
  });
});

test('silence, a constant, one sample and one frame have rows of finite numbers', () => {
  const { names } = audioFeatures(sound);
  assert.equal(new Set(names).size, names.length);
  const noise = Float32Array.from(congruent(40000, 3));
  const odd: readonly Samples[] = [
    { rate: 44100, channels: 2, data: new Float32Array(44100) },
    { rate: 44100, channels: 1, data: new Float32Array(10000).fill(0.7) },
    { rate: 1000, channels: 1, data: Float32Array.of(0) },
    { rate: 768000, channels: 1, data: Float32Array.of(1) },
    { rate: 8000, channels: 5, data: noise },
    { rate: 22050, channels: 32, data: Float32Array.from({ length: 3200 }, (_, at) => at) },
    { rate: 22050, channels: 1, data: noise.map((value) => 65536 * value) },
    { rate: 22050, channels: 1, data: noise.map((value) => 1e-38 * value) },
  ];
  for (const samples of odd) {
    const found = audioFeatures(samples);
    assert.deepEqual(found.names, names);
    names.forEach((name, at) => {
      assert.ok(Number.isFinite(found.values[at]), `${name}: ${found.values[at]}`);
    });
  }
  assert.throws(() => audioFeatures({ ...sound, data: new Float32Array(0) }), EmptyInput);
  assert.throws(() => audioFeatures(sound, { coefficients: 0 }), InvalidArgument);
});
