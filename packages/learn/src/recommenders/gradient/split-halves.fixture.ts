import { type Interactions, interactionsFromPairs, itemsOf } from '../interactions.ts';

/** The items of even and of odd places of each user as two parts. */
export function halves(all: Interactions): readonly [Interactions, Interactions] {
  const part = (odd: number): Interactions => {
    const [userIndices, itemIndices]: [number[], number[]] = [[], []];
    for (let user = 0; user < all.users; user++) {
      itemsOf(all, user).forEach((item, at) => {
        if (at % 2 !== odd) return;
        userIndices.push(user);
        itemIndices.push(item);
      });
    }
    return interactionsFromPairs({ users: all.users, items: all.items, userIndices, itemIndices });
  };
  return [part(0), part(1)];
}
