import { type Interactions, interactionsFromPairs } from '../../index.ts';

/** A matrix of 24 users by 10 items, drawn by the recurrence that the references in Python use, too. */
export function referenceInteractions(): Interactions {
  let state = 12345;
  const [userIndices, itemIndices]: [number[], number[]] = [[], []];
  for (let user = 0; user < 24; user++) {
    for (let item = 0; item < 10; item++) {
      state = Number((BigInt(state) * 1103515245n + 12345n) % 2147483648n);
      if (state / 2147483648 >= 0.4) continue;
      userIndices.push(user);
      itemIndices.push(item);
    }
  }
  return interactionsFromPairs({ users: 24, items: 10, userIndices, itemIndices });
}
