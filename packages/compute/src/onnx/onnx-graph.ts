/** The element types that our graphs use, by ONNX's own names. */
export type OnnxType = 'float' | 'double' | 'int32' | 'int64' | 'bool' | 'string' | 'uint8';

/** A constant, or a value to feed or fetch. Row-major; int64 as BigInt64Array, bool as bytes of 0 and 1. */
export interface OnnxTensor {
  readonly type: OnnxType;
  readonly shape: readonly number[];
  readonly data:
    | Float32Array
    | Float64Array
    | Int32Array
    | BigInt64Array
    | Uint8Array
    | readonly string[];
}

/** An input or output of a graph; an axis is a size, or a name where any size is taken. */
export interface OnnxValue {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly (number | string)[];
}

/** Numbers are told apart by the wrapper: ONNX keeps integers and floats in different fields. */
export type OnnxAttribute =
  | { readonly int: number | bigint }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly (number | bigint)[] }
  | { readonly floats: readonly number[] | Float32Array }
  | { readonly texts: readonly string[] }
  | { readonly tensor: OnnxTensor }
  | { readonly graph: OnnxGraph };

/** One operation; an empty input name is an optional input left out. */
export interface OnnxNode {
  readonly op: string;
  /** The default domain when absent. */
  readonly domain?: 'ai.onnx.ml' | 'com.microsoft';
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A graph as plain data: nodes in an order in which each input is known before it is read. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  /** The values that are written in the file, by name. */
  readonly constants: Readonly<Record<string, OnnxTensor>>;
}
