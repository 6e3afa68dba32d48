import type { OnnxType } from './onnx-graph.ts';

/** ONNX's numbers for element types. */
export const typeCodes: Readonly<Record<OnnxType, number>> = {
  ...{ float: 1, uint8: 2, int32: 6, int64: 7, string: 8, bool: 9, double: 11 },
};

/** Bytes of an element; texts have none. */
export const typeBytes: Readonly<Record<OnnxType, number>> = {
  ...{ float: 4, uint8: 1, int32: 4, int64: 8, string: 0, bool: 1, double: 8 },
};

/** The type of a number in a file, if it is one of ours. */
export function typeOfCode(code: number): OnnxType | undefined {
  return (Object.keys(typeCodes) as OnnxType[]).find((type) => typeCodes[type] === code);
}
