import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeOnnx, openGraph } from '@backlot/compute';
import { Cancelled, seededRandom } from '@backlot/core';
import { refusedValues } from '../constraint.fixture.ts';
import {
  decodeModel,
  decodeRecommender,
  describeEstimators,
  EmptyInput,
  encodeModel,
  fit,
  foldIn,
  type Interactions,
  InvalidInteractions,
  InvalidModel,
  InvalidParameter,
  interactionsFromPairs,
  itemsOf,
  type RecommenderModel,
  recommend,
  recommendOne,
  type Specification,
  score,
  toOnnx,
} from '../index.ts';

/** What an estimator must show beside obeying the laws that all obey. */
export interface LawOptions {
  /** Hyper-parameters that fit the small data well and fast. */
  readonly specification: Specification;
  /** Whether someone's list for their own training history is the list of their user index. */
  readonly historyIsUser: boolean;
  /** What `foldIn` of someone's training history, without weights, gives: the scores, or their tensor row. */
  readonly foldIn?: 'scores' | 'userVectors';
}

/** Two camps of users who meet items of their own camp, with weights. */
export function smallInteractions(seed: number, users = 60, items = 40): Interactions {
  const random = seededRandom(seed);
  const [userIndices, itemIndices, weights]: [number[], number[], number[]] = [[], [], []];
  for (let user = 0; user < users; user++) {
    for (let draw = 0; draw < 4 + random.below(8); draw++) {
      const camp = random.uniform() < 0.9 ? user % 2 : 1 - (user % 2);
      userIndices.push(user);
      itemIndices.push(2 * random.below(Math.floor(items / 2)) + camp);
      weights.push(0.5 + random.below(3));
    }
  }
  return interactionsFromPairs({ users, items, userIndices, itemIndices, weights });
}

/** The laws that every estimator obeys, as tests. */
export function estimatorLaws(options: LawOptions): void {
  const { specification } = options;
  const { kind } = specification;
  const data = smallInteractions(7);
  const fitted = (threads = 1, seed = 3) => fit(specification, data, { threads, seed });

  test(`${kind}: fitting again, with the same seed, gives the same bytes`, async () => {
    assert.deepEqual(encodeModel(await fitted()), encodeModel(await fitted()));
  });

  test(`${kind}: the number of threads does not change the bytes`, async () => {
    const larger = smallInteractions(8, 500, 300);
    const fits = await Promise.all(
      [1, 2, 3].map((threads) => fit(specification, larger, { threads })),
    );
    const [one, ...others] = fits.map(encodeModel);
    for (const other of others) assert.deepEqual(other, one);
    const users = Int32Array.from({ length: 500 }, (_, user) => user);
    const lists = await Promise.all(
      [1, 3].map((threads) => recommend(fits[0]!, users, { k: 7, threads })),
    );
    assert.deepEqual(lists[0], lists[1]);
  });

  onnxLaw(kind, data, fitted);

  test(`${kind}: the order of pairs does not matter`, async () => {
    const random = seededRandom(4);
    const pairs = Array.from(data.indices, (item, at) => {
      const user = data.offsets.findLastIndex((offset) => offset <= at);
      return { user, item, weight: data.weights![at]! };
    });
    random.shuffle(pairs);
    const shuffled = interactionsFromPairs({
      users: data.users,
      items: data.items,
      userIndices: pairs.map(({ user }) => user),
      itemIndices: pairs.map(({ item }) => item),
      weights: pairs.map(({ weight }) => weight),
    });
    const model = await fit(specification, shuffled, { threads: 1, seed: 3 });
    assert.deepEqual(encodeModel(model), encodeModel(await fitted()));
  });

  test(`${kind}: permuted users have their lists permuted`, async () => {
    const shift = 22;
    const permuted = permuteUsers(data, shift);
    const [model, other] = [
      await fitted(),
      await fit(specification, permuted, { threads: 1, seed: 3 }),
    ];
    const users = Int32Array.from({ length: data.users }, (_, user) => user);
    const moved = users.map((user) => (user + shift) % data.users);
    const [a, b] = await Promise.all([
      recommend(model, users, { k: 5, exclude: data }),
      recommend(other, moved, { k: 5, exclude: permuted }),
    ]);
    const same = a.items.filter((item, at) => item === b.items[at]).length;
    // Sums over users run in another order, so that near-ties may fall otherwise.
    assert.ok(same >= 0.95 * a.items.length, `${same} of ${a.items.length}`);
  });

  test(`${kind}: neither data nor specification is changed`, async () => {
    const before = structuredClone({ ...data });
    const model = await fitted();
    const bytes = encodeModel(model);
    await recommend(model, Int32Array.of(0, 5), { k: 5, exclude: data });
    recommendOne(model, { user: 3 }, { k: 5, exclude: [1] });
    score(model, Int32Array.of(1), Int32Array.of(2));
    assert.deepEqual({ ...data }, before);
    assert.deepEqual(encodeModel(model), bytes);
    assert.ok(Object.isFrozen(specification) && Object.isFrozen(specification.parameters));
  });

  test(`${kind}: a model comes back from its bytes, and answers the same`, async () => {
    const model = await fitted();
    const again = decodeRecommender(encodeModel(model));
    assert.deepEqual(again, model);
    const users = Int32Array.of(4, 9, 4);
    const query = { k: 6, exclude: data };
    assert.deepEqual(await recommend(again, users, query), await recommend(model, users, query));
  });

  test(`${kind}: bytes that were cut or changed are refused or still a whole model`, async () => {
    const bytes = encodeModel(await fitted());
    for (let length = 0; length < bytes.length; length += 1 + (length >> 3)) {
      assert.throws(() => decodeModel(bytes.subarray(0, length)), InvalidModel);
    }
    assert.throws(() => decodeModel(new Uint8Array([...bytes, 0])), InvalidModel);
    const random = seededRandom(6);
    for (let round = 0; round < 300; round++) {
      const changed = bytes.slice();
      changed[random.below(round < 200 ? 600 : bytes.length)]! ^= 1 << random.below(8);
      try {
        recommendOne(decodeRecommender(changed), { history: Int32Array.of(1, 2) }, { k: 3 });
      } catch (error) {
        assert.ok(error instanceof InvalidModel, String(error));
      }
    }
  });

  test(`${kind}: each hyper-parameter is refused outside its constraint`, async () => {
    const { constraints } = describeEstimators().find((one) => one.kind === kind)!;
    for (const [name, constraint] of Object.entries(constraints)) {
      for (const value of refusedValues(constraint)) {
        const parameters = { ...specification.parameters, [name]: value as number };
        await assert.rejects(fit({ kind, parameters }, data), (error) => {
          return error instanceof InvalidParameter && error.parameter === name;
        });
      }
    }
    const unknown = { kind, parameters: { ...specification.parameters, typo: 1 } };
    await assert.rejects(fit(unknown, data), InvalidParameter);
  });

  test(`${kind}: empty and broken data is refused with a typed error`, async () => {
    const empty = interactionsFromPairs({ users: 3, items: 3, userIndices: [], itemIndices: [] });
    await assert.rejects(fit(specification, empty), EmptyInput);
    const broken: readonly Partial<Interactions>[] = [
      { weights: data.weights!.map((weight, at) => (at === 5 ? Number.NaN : weight)) },
      { weights: data.weights!.map((weight, at) => (at === 5 ? 0 : weight)) },
      { weights: data.weights!.slice(1) },
      { indices: data.indices.map((item, at) => (at === 5 ? data.items : item)) },
      { indices: data.indices.map((item, at) => (at === 1 ? data.indices[0]! : item)) },
      { offsets: data.offsets.map((offset, at) => (at === 2 ? 10_000 : offset)) },
      { offsets: data.offsets.slice(1) },
      { users: Number.NaN },
    ];
    for (const part of broken) {
      await assert.rejects(fit(specification, { ...data, ...part }), InvalidInteractions);
    }
  });

  test(`${kind}: a cancelled fit ends with Cancelled, before it starts and while it runs`, async () => {
    await assert.rejects(fit(specification, data, { signal: AbortSignal.abort() }), Cancelled);
    const controller = new AbortController();
    const steps: string[] = [];
    const running = fit(specification, smallInteractions(9, 3000, 1500), {
      signal: controller.signal,
      threads: 1,
      onProgress: ({ step }) => {
        steps.push(step);
        controller.abort();
      },
    });
    // The first step's report cancels: none may follow it. An estimator of one step is done by then.
    await running.catch((error) => assert.ok(error instanceof Cancelled));
    assert.equal(steps.length, 1);
  });

  test(`${kind}: lists are the best of score, without what is excluded`, async () => {
    const model = await fitted();
    const all = Int32Array.from({ length: data.items }, (_, item) => item);
    const users = Int32Array.of(0, 31, 59);
    const lists = await recommend(model, users, { k: 40, exclude: data });
    users.forEach((user, at) => {
      const scores = score(model, new Int32Array(data.items).fill(user), all);
      const list = lists.items.subarray(at * 40, (at + 1) * 40);
      const listed = [...list].filter((item) => item >= 0);
      assert.ok(listed.length > 0 && !listed.some((item) => itemsOf(data, user).includes(item)));
      listed.forEach((item, place) => {
        const given = lists.scores[at * 40 + place]!;
        assert.ok(Math.abs(given - scores[item]!) <= 1e-4 * Math.max(1, Math.abs(given)));
        if (place > 0) assert.ok(scores[listed[place - 1]!]! >= scores[item]! - 1e-4);
      });
    });
  });

  test(`${kind}: one person's list keeps to candidates and history, and refuses bad ones`, async () => {
    const model = await fitted();
    const candidates = Uint8Array.from({ length: data.items }, (_, item) => (item < 10 ? 1 : 0));
    const { items } = recommendOne(model, { user: 1 }, { k: 20, candidates, exclude: [3] });
    assert.ok(items.length <= 9 && items.every((item) => item < 10 && item !== 3));
    const user = 12;
    const history = itemsOf(data, user);
    const known = recommendOne(model, { user }, { k: 5, exclude: history });
    const unseen = recommendOne(model, { history }, { k: 5, exclude: history });
    if (options.historyIsUser) assert.deepEqual(unseen.items, known.items);
    if (options.foldIn) {
      const wanted = options.foldIn === 'scores' ? scoresOf(model, user) : vectorOf(model, user);
      const ones = new Float32Array(history.length).fill(1);
      const found = foldIn(model, history, ones);
      assert.equal(found.length, wanted.length);
      wanted.forEach((value, at) => {
        assert.ok(Math.abs(found[at]! - value) <= 1e-4 * Math.max(1, Math.abs(value)));
      });
      assert.deepEqual(foldIn(model, history), found);
      assert.throws(() => foldIn(model, history, ones.subarray(1)), { code: 'E-LEARN-005' });
    }
    if (kind === 'popularity') return;
    assert.throws(() => recommendOne(model, { history: Int32Array.of(-1) }, { k: 5 }), {
      code: 'E-LEARN-005',
    });
  });
}

function onnxLaw(kind: string, data: Interactions, fitted: () => Promise<RecommenderModel>): void {
  test(`${kind}: ONNX Runtime scores alike, or ONNX cannot say it`, async () => {
    const model = await fitted();
    const { onnx } = describeEstimators().find((one) => one.kind === kind)!;
    if (!onnx) {
      assert.throws(() => toOnnx(model), { code: 'E-LEARN-008' });
      return;
    }
    const bytes = toOnnx(model);
    decodeOnnx(bytes);
    await using session = await openGraph(bytes);
    const users = [0, 3, data.users - 1];
    const rows = BigInt64Array.from(users, BigInt);
    const fed = { users: { type: 'int64', shape: [3], data: rows } } as const;
    const { scores } = await session.run(fed);
    assert.deepEqual(scores!.shape, [3, data.items]);
    const found = scores!.data as Float32Array;
    for (const [at, user] of users.entries()) {
      scoresOf(model, user).forEach((value, item) => {
        const given = found[at * data.items + item]!;
        // Sums of floats in another order.
        assert.ok(
          Math.abs(given - value) <= 1e-5 * Math.max(1, Math.abs(value)),
          `${user} ${item}`,
        );
      });
    }
  });
}

function scoresOf(model: RecommenderModel, user: number): Float32Array {
  const all = Int32Array.from({ length: model.signature.items }, (_, item) => item);
  return score(model, new Int32Array(all.length).fill(user), all);
}

function vectorOf(model: RecommenderModel, user: number) {
  const { data, shape } = model.tensors.userVectors!;
  return data.subarray(user * shape[1]!, (user + 1) * shape[1]!);
}

function permuteUsers(data: Interactions, shift: number): Interactions {
  const [userIndices, itemIndices, weights]: [number[], number[], number[]] = [[], [], []];
  for (let user = 0; user < data.users; user++) {
    for (let at = data.offsets[user]!; at < data.offsets[user + 1]!; at++) {
      userIndices.push((user + shift) % data.users);
      itemIndices.push(data.indices[at]!);
      weights.push(data.weights![at]!);
    }
  }
  return interactionsFromPairs({
    users: data.users,
    items: data.items,
    userIndices,
    itemIndices,
    weights,
  });
}
