import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeModel,
  encodeModel,
  fit,
  gradientBoosting,
  type TabularModel,
  toOnnx,
} from '@backlot/learn';
import { readTable, simulatedTable } from '../boosting/table.ts';
import { lightgbmText } from './lightgbm-text.ts';

const root = join(import.meta.dirname, '../..');
const fittedRows = 100_000;

/** From the root: the same trees as our model, as ONNX and as LightGBM's text. */
export const modelFiles = (trees: number) =>
  ({
    ours: `.peers/data/predict-${trees}.model`,
    onnxruntime: `.peers/data/predict-${trees}.onnx`,
    lightgbm: `.peers/data/predict-${trees}.txt`,
  }) as const;

/** A model of so many trees of 31 leaves, which the first who asks fits and writes for all. */
export async function readModel(trees: number): Promise<TabularModel> {
  const files = modelFiles(trees);
  if (!existsSync(join(root, files.ours))) await writeModels(trees);
  return decodeModel(await readFile(join(root, files.ours))) as TabularModel;
}

async function writeModels(trees: number): Promise<void> {
  const { train } = await readTable(simulatedTable);
  const { columns } = train;
  const features = {
    rows: fittedRows,
    columns,
    values: train.values.slice(0, fittedRows * columns),
  };
  const target = Float64Array.from(train.labels.subarray(0, fittedRows));
  const specification = gradientBoosting({ objective: 'classes', rounds: trees, leaves: 31 });
  const model = await fit(specification, { features, target });
  const files = modelFiles(trees);
  await mkdir(join(root, '.peers/data'), { recursive: true });
  await writeFile(join(root, files.onnxruntime), toOnnx(model));
  await writeFile(join(root, files.lightgbm), lightgbmText(model));
  await writeFile(join(root, `${files.ours}.part`), encodeModel(model));
  // Last: its presence says that all were written.
  await rename(join(root, `${files.ours}.part`), join(root, files.ours));
}
