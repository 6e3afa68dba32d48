/** Covers that are nearly the same, and sounds told apart by how they sound: all drawn here. */
import { seededRandom } from '@backlot/core';
import {
  accuracy,
  audioFeatures,
  chain,
  contentRows,
  dominantColours,
  duplicateGroups,
  duplicateRecordings,
  fingerprint,
  fit,
  imageFeatures,
  logisticRegression,
  loudness,
  nearDuplicateImages,
  type Pixels,
  perceptualHash,
  predict,
  resizePixels,
  type Samples,
  standardScaler,
} from '@backlot/learn';

const covers = Array.from({ length: 30 }, (_, seed) => drawCover(seed));
const copies = covers.slice(0, 12).map((cover, at) => {
  if (at % 3 === 0) return resizePixels(cover, { width: 90, height: 90 });
  return at % 3 === 1 ? disturb(cover, 1, 0, 20) : disturb(cover, 0.85, 25, 6);
});
const pictures = [...covers, ...copies];
const pairs = nearDuplicateImages(pictures.map((picture) => perceptualHash(picture)));
const right = pairs.left.filter((left, at) => pairs.right[at] === left + covers.length).length;
const groups = new Set(duplicateGroups(pairs, pictures.length)).size;
console.log(`${pictures.length} covers, ${copies.length} of them scaled, noisy or brighter copies`);
console.log(`${pairs.left.length} pairs found, ${right} of them right; ${groups} covers remain`);

const [main] = dominantColours(covers[0]!);
const rgb = [main!.red, main!.green, main!.blue].map(Math.round).join(', ');
console.log(`the first cover is ${Math.round(100 * main!.share)} % about rgb(${rgb})`);
const rows = contentRows(pictures.map((picture) => imageFeatures(picture)));
console.log(`each is a row of ${rows.features.columns} numbers, ${rows.names[1]} among them`);

const sounds = Array.from({ length: 40 }, (_, seed) => drawSound(seed));
const isNoise = Float64Array.from(sounds, (_, seed) => seed % 2);
const heard = contentRows(sounds.map((sound) => audioFeatures(sound, { coefficients: 8 })));
const take = (from: number, to: number) => ({
  rows: to - from,
  columns: heard.features.columns,
  values: heard.features.values.slice(from * heard.names.length, to * heard.names.length),
});
const model = await fit(chain(standardScaler(), logisticRegression()), {
  ...{ features: take(0, 28), target: isNoise.slice(0, 28), classes: ['tones', 'noise'] },
});
const found = await predict(model, take(28, 40));
const share = accuracy(isNoise.slice(28), found);
console.log(`tones and noise told apart: ${(100 * share).toFixed(0)} % of 12 right`);
console.log(`the first sound has ${loudness(sounds[0]!).integrated.toFixed(1)} LUFS`);

const songs = [0, 2, 4].map((seed) => drawSound(seed, 8));
const excerpt = { ...songs[1]!, data: songs[1]!.data.slice(22050 * 3).map((value) => value / 3) };
const again = duplicateRecordings([...songs, excerpt].map(fingerprint));
for (let at = 0; at < again.left.length; at++) {
  const place = again.offset[at]!.toFixed(2);
  console.log(`song ${again.right[at]} lies in song ${again.left[at]}, ${place} seconds in`);
}

/** Bars and blots on a ground. */
function drawCover(seed: number): Pixels {
  const random = seededRandom(seed);
  const [width, height] = [128, 128];
  const parts = Array.from({ length: 9 }, () => ({
    ...{ x: random.uniform(), y: random.uniform(), bar: random.below(2) === 1 },
    ...{ wide: 0.05 + 0.3 * random.uniform(), high: 0.05 + 0.3 * random.uniform() },
    colour: [random.below(256), random.below(256), random.below(256)],
  }));
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const [x, y] = [(at % width) / width, Math.floor(at / width) / height];
    const part = parts.find((one) => {
      const [across, down] = [Math.abs(x - one.x) / one.wide, Math.abs(y - one.y) / one.high];
      return one.bar ? Math.max(across, down) < 1 : Math.hypot(across, down) < 1;
    });
    data.set(part?.colour ?? [40 + 150 * x, 90, 60 + 150 * y], at * 3);
  }
  return { width, height, channels: 3, data };
}

function disturb(picture: Pixels, factor: number, step: number, noise: number): Pixels {
  const random = seededRandom(7);
  const data = picture.data.map((value) => {
    const changed = factor * value + step + noise * (random.uniform() - 0.5);
    return Math.min(255, Math.max(0, changed));
  });
  return { ...picture, data };
}

/** An even seed gives notes with overtones, an odd one noise that rises and falls, both in some hiss. */
function drawSound(seed: number, seconds = 2): Samples {
  const random = seededRandom(seed);
  const rate = 22050;
  const size = 0.05 + 0.3 * random.uniform();
  const notes = Array.from({ length: 4 * seconds }, () => 200 * 2 ** (random.below(30) / 12));
  const speed = 1 + 3 * random.uniform();
  const data = Float32Array.from({ length: rate * seconds }, (_, at) => {
    const second = at / rate;
    const swell = 0.6 + 0.4 * Math.sin(2 * Math.PI * speed * second);
    const angle = 2 * Math.PI * notes[Math.floor(4 * second)]! * second;
    const tone = Math.sin(angle) + 0.5 * Math.sin(2 * angle) + 0.3 * Math.sin(3 * angle);
    return size * ((seed % 2 === 0 ? tone : swell * random.normal()) + 0.1 * random.normal());
  });
  return { rate, channels: 1, data };
}
