import { littleEndian } from './little-endian.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './onnx-graph.ts';
import { typeCodes } from './onnx-types.ts';
import { WireWriter } from './wire.ts';

/** The version of the file format, and of the operators of each domain. */
const irVersion = 10;
const opsets = { '': 23, 'ai.onnx.ml': 3, 'com.microsoft': 1 } as const;

/**
 * The graph as an ONNX file: IR version 10, opset 23; other domains only where a node is of them. The same
 * graph gives the same bytes.
 *
 * @example
 * const bytes = encodeOnnx({ name: 'twice', inputs, outputs, nodes, constants: {} });
 */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const model = new WireWriter();
  model.integer(1, irVersion);
  model.text(2, 'backlot');
  model.message(7, writeGraph(graph));
  for (const domain of ['', ...domainsOf(graph)] as const) {
    const opset = new WireWriter();
    opset.text(1, domain);
    opset.integer(2, opsets[domain]);
    model.message(8, opset);
  }
  return model.finish();
}

type Domain = NonNullable<OnnxNode['domain']>;

function domainsOf({ nodes }: OnnxGraph): readonly Domain[] {
  const found = new Set<Domain>();
  for (const { domain, attributes } of nodes) {
    if (domain) found.add(domain);
    for (const attribute of Object.values(attributes ?? {})) {
      if ('graph' in attribute) for (const inner of domainsOf(attribute.graph)) found.add(inner);
    }
  }
  return [...found].sort();
}

function writeGraph(graph: OnnxGraph): WireWriter {
  const writer = new WireWriter();
  for (const node of graph.nodes) writer.message(1, writeNode(node));
  writer.text(2, graph.name);
  for (const [name, tensor] of Object.entries(graph.constants)) {
    writer.message(5, writeTensor(tensor, name));
  }
  for (const value of graph.inputs) writer.message(11, writeValue(value));
  for (const value of graph.outputs) writer.message(12, writeValue(value));
  return writer;
}

function writeNode({ op, domain, inputs, outputs, attributes = {} }: OnnxNode): WireWriter {
  const writer = new WireWriter();
  for (const input of inputs) writer.text(1, input);
  for (const output of outputs) writer.text(2, output);
  writer.text(4, op);
  for (const [name, attribute] of Object.entries(attributes)) {
    writer.message(5, writeAttribute(name, attribute));
  }
  if (domain) writer.text(7, domain);
  return writer;
}

function writeAttribute(name: string, attribute: OnnxAttribute): WireWriter {
  const writer = new WireWriter();
  writer.text(1, name);
  if ('float' in attribute) {
    writer.float(2, attribute.float);
    writer.integer(20, 1);
  } else if ('int' in attribute) {
    writer.integer(3, attribute.int);
    writer.integer(20, 2);
  } else if ('text' in attribute) {
    writer.text(4, attribute.text);
    writer.integer(20, 3);
  } else if ('tensor' in attribute) {
    writer.message(5, writeTensor(attribute.tensor));
    writer.integer(20, 4);
  } else if ('graph' in attribute) {
    writer.message(6, writeGraph(attribute.graph));
    writer.integer(20, 5);
  } else if ('floats' in attribute) {
    writer.floats(7, attribute.floats);
    writer.integer(20, 6);
  } else if ('ints' in attribute) {
    writer.integers(8, attribute.ints);
    writer.integer(20, 7);
  } else {
    for (const text of attribute.texts) writer.text(9, text);
    writer.integer(20, 8);
  }
  return writer;
}

function writeTensor({ type, shape, data }: OnnxTensor, name?: string): WireWriter {
  const writer = new WireWriter();
  writer.integers(1, shape);
  writer.integer(2, typeCodes[type]);
  if (ArrayBuffer.isView(data)) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    writer.bytes(9, littleEndian(bytes, data.BYTES_PER_ELEMENT));
  } else {
    for (const text of data) writer.text(6, text);
  }
  if (name !== undefined) writer.text(8, name);
  return writer;
}

function writeValue({ name, type, shape }: OnnxValue): WireWriter {
  const sizes = new WireWriter();
  for (const size of shape) {
    const dimension = new WireWriter();
    if (typeof size === 'number') dimension.integer(1, size);
    else dimension.text(2, size);
    sizes.message(1, dimension);
  }
  const tensor = new WireWriter();
  tensor.integer(1, typeCodes[type]);
  tensor.message(2, sizes);
  const kind = new WireWriter();
  kind.message(1, tensor);
  const writer = new WireWriter();
  writer.text(1, name);
  writer.message(2, kind);
  return writer;
}
