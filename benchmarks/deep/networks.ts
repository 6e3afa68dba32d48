import {
  add,
  attention,
  constant,
  crossEntropy,
  dense,
  type Expression,
  embedding,
  input,
  layerNormalise,
  matmul,
  mean,
  multiplyElements,
  type OnnxTensor,
  parameter,
  relu,
  softplus,
  square,
  subtract,
  sum,
  type TrainedParameter,
} from '@backlot/compute';

/** A network of a benchmark, and batches of random numbers for it. */
export interface Network {
  readonly loss: Expression;
  readonly parameters: readonly TrainedParameter[];
  readonly batch: (size: number) => Batch;
}

type Batch = Readonly<Record<string, OnnxTensor>>;

type Draw = () => number;

/** A generator of Lehmer's, so that the peer draws the same batches in a few lines of its own. */
function uniform(seed: number): Draw {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

/** The parameters in the order of their making; their first numbers are drawn so that the peer draws the same. */
class Parameters {
  readonly list: TrainedParameter[] = [];
  readonly #draw = uniform(11);

  /** Uniform with this deviation. */
  drawn(name: string, shape: readonly number[], deviation: number, byRow = false): Expression {
    const most = Math.sqrt(3) * deviation;
    const length = shape.reduce((product, size) => product * size, 1);
    const draw = (): number => most * (2 * this.#draw() - 1);
    return this.#add(name, shape, Float32Array.from({ length }, draw), byRow);
  }

  filled(name: string, size: number, value: number): Expression {
    return this.#add(name, [size], new Float32Array(size).fill(value), false);
  }

  dense(name: string, x: Expression, inputs: number, outputs: number): Expression {
    const weights = this.drawn(`${name}.weights`, [inputs, outputs], Math.sqrt(2 / inputs));
    return dense(x, weights, this.filled(`${name}.bias`, outputs, 0));
  }

  normalise(name: string, x: Expression, width: number): Expression {
    const gain = this.filled(`${name}.gain`, width, 1);
    return layerNormalise(x, gain, this.filled(`${name}.shift`, width, 0));
  }

  #add(name: string, shape: readonly number[], values: Float32Array, byRow: boolean): Expression {
    const expression = parameter(name, shape);
    this.list.push({ expression, values, byRow });
    return expression;
  }
}

const floats = (shape: readonly number[], draw: Draw): OnnxTensor => {
  const length = shape.reduce((product, size) => product * size, 1);
  return { type: 'float', shape, data: Float32Array.from({ length }, draw) };
};

const places = (shape: readonly number[], below: number, draw: Draw): OnnxTensor => {
  const length = shape.reduce((product, size) => product * size, 1);
  const data = BigInt64Array.from({ length }, () => BigInt(Math.floor(draw() * below)));
  return { type: 'int64', shape, data };
};

/** 256-512-512-1 with rectifiers, squared error. */
function perceptron(): Network {
  const own = new Parameters();
  const first = relu(own.dense('first', input('x', ['n', 256]), 256, 512));
  const second = relu(own.dense('second', first, 512, 512));
  const loss = mean(square(subtract(own.dense('last', second, 512, 1), input('y', ['n', 1]))));
  const draw = uniform(7);
  const batch = (size: number): Batch => ({
    x: floats([size, 256], () => draw() - 0.5),
    y: floats([size, 1], draw),
  });
  return { loss, parameters: own.list, batch };
}

const [length, width, items] = [200, 64, 3417];

/** SASRec (Kang and McAuley 2018): two blocks, one head, one negative a position. */
function selfAttentive(): Network {
  const own = new Parameters();
  const table = own.drawn('items', [items + 1, width], 0.02);
  const positions = own.drawn('positions', [length, width], 0.02);
  const bias = causal();
  let state = add(embedding(table, input('history', ['n', length], 'int64')), positions);
  for (const block of ['one', 'two']) state = attentive(own, block, state, bias);
  const last = own.normalise('last', state, width);
  const score = (name: string): Expression =>
    sum(multiplyElements(last, embedding(table, input(name, ['n', length], 'int64'))), [2]);
  const loss = mean(add(softplus(multiplyElements(score('next'), -1)), softplus(score('other'))));
  const draw = uniform(7);
  const batch = (size: number): Batch => ({
    history: places([size, length], items, draw),
    next: places([size, length], items, draw),
    other: places([size, length], items, draw),
  });
  return { loss, parameters: own.list, batch };
}

function attentive(own: Parameters, name: string, x: Expression, bias: Expression): Expression {
  const normal = own.normalise(`${name}.before`, x, width);
  const queries = own.dense(`${name}.queries`, normal, width, width);
  const keys = own.dense(`${name}.keys`, normal, width, width);
  const values = own.dense(`${name}.values`, normal, width, width);
  const mixed = attention(queries, keys, values, { bias });
  const joined = add(x, own.dense(`${name}.out`, mixed, width, width));
  const inner = own.normalise(`${name}.between`, joined, width);
  const hidden = relu(own.dense(`${name}.hidden`, inner, width, width));
  return add(joined, own.dense(`${name}.last`, hidden, width, width));
}

/** No position sees a later one. */
function causal(): Expression {
  const data = new Float32Array(length * length);
  for (let row = 0; row < length; row++)
    data.fill(-1e9, row * length + row + 1, (row + 1) * length);
  return constant({ type: 'float', shape: [length, length], data });
}

const sides = { users: 50_000, items: 20_000 };

/**
 * Two towers 64-256-64, each over rows of a large table, and the softmax over the products within the
 * batch. Of the tables only the rows that a batch reads are moved (Adam's lazy form).
 */
function twoTower(): Network {
  const own = new Parameters();
  const tower = (name: keyof typeof sides): Expression => {
    const table = own.drawn(name, [sides[name], width], 0.1, true);
    const rows = embedding(table, input(`${name}.rows`, ['n'], 'int64'));
    const hidden = relu(own.dense(`${name}.hidden`, rows, width, 256));
    return own.dense(`${name}.last`, hidden, 256, width);
  };
  const products = matmul(tower('users'), tower('items'), { transposeB: true });
  const loss = mean(crossEntropy(products, input('partners', ['n'], 'int64')));
  const draw = uniform(7);
  const batch = (size: number): Batch => ({
    'users.rows': places([size], sides.users, draw),
    'items.rows': places([size], sides.items, draw),
    partners: {
      type: 'int64',
      shape: [size],
      data: BigInt64Array.from({ length: size }, (_, at) => BigInt(at)),
    },
  });
  return { loss, parameters: own.list, batch };
}

/** The networks by the name that a task gives. */
export const networks: Readonly<Record<string, () => Network>> = {
  perceptron,
  selfAttentive,
  twoTower,
};
