"""The peer of the benchmark `deep`: PyTorch, eager or compiled. Prints one JSON object."""

import json
import math
import resource
import statistics
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

LENGTH, WIDTH, ITEMS = 200, 64, 3417
USERS, PRODUCTS = 50_000, 20_000


class Lehmer:
    """The same numbers as ours, in the same order."""

    def __init__(self, seed):
        self.state = seed

    def floats(self, *shape):
        found = numpy.empty(int(numpy.prod(shape)))
        state = self.state
        for at in range(len(found)):
            state = state * 48271 % 2147483647
            found[at] = state / 2147483647
        self.state = state
        return found.reshape(shape)

    def places(self, below, *shape):
        return torch.from_numpy(numpy.floor(self.floats(*shape) * below).astype(numpy.int64))


class Starts:
    """The first numbers of the parameters, drawn in our order: uniform with a given deviation."""

    def __init__(self):
        self.draw = Lehmer(11)

    def uniform(self, deviation, *shape):
        drawn = 2 * self.draw.floats(*shape) - 1
        return torch.from_numpy((math.sqrt(3) * deviation * drawn).astype(numpy.float32))

    def dense(self, inputs, outputs):
        layer = nn.Linear(inputs, outputs)
        weights = self.uniform(math.sqrt(2 / inputs), inputs, outputs)
        layer.weight = nn.Parameter(weights.T.contiguous())
        nn.init.zeros_(layer.bias)
        return layer

    def table(self, rows, deviation, sparse=False):
        return nn.Embedding.from_pretrained(
            self.uniform(deviation, rows, WIDTH), freeze=False, sparse=sparse
        )


class Perceptron(nn.Module):
    def __init__(self, starts):
        super().__init__()
        sizes = [256, 512, 512, 1]
        first, second, last = (starts.dense(*pair) for pair in zip(sizes, sizes[1:]))
        self.layers = nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), last)

    def forward(self, x, y):
        return functional.mse_loss(self.layers(x), y)

    @staticmethod
    def batch(draw, size):
        x = torch.from_numpy((draw.floats(size, 256) - 0.5).astype(numpy.float32))
        return x, torch.from_numpy(draw.floats(size, 1).astype(numpy.float32))


class Block(nn.Module):
    def __init__(self, starts):
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.queries, self.keys, self.values, self.out, self.hidden, self.last = (
            starts.dense(WIDTH, WIDTH) for _ in range(6)
        )

    def forward(self, x):
        normal = self.before(x)
        heads = [one(normal).unsqueeze(1) for one in (self.queries, self.keys, self.values)]
        mixed = functional.scaled_dot_product_attention(*heads, is_causal=True).squeeze(1)
        joined = x + self.out(mixed)
        return joined + self.last(functional.relu(self.hidden(self.between(joined))))


class SelfAttentive(nn.Module):
    def __init__(self, starts):
        super().__init__()
        self.items = starts.table(ITEMS + 1, 0.02)
        self.positions = nn.Parameter(starts.uniform(0.02, LENGTH, WIDTH))
        self.blocks = nn.Sequential(Block(starts), Block(starts))
        self.normal = nn.LayerNorm(WIDTH)

    def forward(self, history, positive, negative):
        last = self.normal(self.blocks(self.items(history) + self.positions))
        scores = [(last * self.items(rows)).sum(2) for rows in (positive, negative)]
        return (functional.softplus(-scores[0]) + functional.softplus(scores[1])).mean()

    @staticmethod
    def batch(draw, size):
        return tuple(draw.places(ITEMS, size, LENGTH) for _ in range(3))


class Towers(nn.Module):
    """Over the rows of both tables."""

    def __init__(self, users, items):
        super().__init__()
        self.users, self.items = users, items

    def forward(self, users, items, partners):
        return functional.cross_entropy(self.users(users) @ self.items(items).T, partners)


class TwoTower(nn.Module):
    """The towers are compiled; whether the tables' sparse gradients compile was not tried."""

    def __init__(self, starts):
        super().__init__()
        self.users, users = self.side(starts, USERS)
        self.items, items = self.side(starts, PRODUCTS)
        self.towers = Towers(users, items)

    @staticmethod
    def side(starts, rows):
        table = starts.table(rows, 0.1, sparse=True)
        hidden, last = starts.dense(WIDTH, 256), starts.dense(256, WIDTH)
        return table, nn.Sequential(hidden, nn.ReLU(), last)

    def forward(self, users, items, partners):
        return self.towers(self.users(users), self.items(items), partners)

    def compile(self):
        self.towers.compile()

    @staticmethod
    def batch(draw, size):
        return draw.places(USERS, size), draw.places(PRODUCTS, size), torch.arange(size)


NETWORKS = {"perceptron": Perceptron, "selfAttentive": SelfAttentive, "twoTower": TwoTower}


def optimisers(network, rate):
    sparse = [
        one.weight
        for one in network.modules()
        if isinstance(one, nn.Embedding) and one.sparse
    ]
    known = {id(one) for one in sparse}
    others = [one for one in network.parameters() if id(one) not in known]
    found = [torch.optim.Adam(others, lr=rate, fused=True)]
    if sparse:
        found.append(torch.optim.SparseAdam(sparse, lr=rate))
    return found


def main():
    task = json.loads(sys.argv[1])
    torch.set_num_threads(task["threads"])
    network = NETWORKS[task["network"]](Starts())
    draw = Lehmer(7)
    batches = [network.batch(draw, task["batch"]) for _ in range(task["batches"])]
    movers = optimisers(network, task["rate"])
    if task["compiled"]:
        network.compile()
    times, losses = [], []
    for step in range(task["warmUp"] + task["steps"]):
        begin = time.perf_counter()
        for mover in movers:
            mover.zero_grad()
        loss = network(*batches[step % len(batches)])
        loss.backward()
        for mover in movers:
            mover.step()
        losses.append(loss.item())
        if step >= task["warmUp"]:
            times.append(time.perf_counter() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if task.get("output"):
        with open(task["output"] + "/losses.json", "w") as file:
            json.dump(losses, file)
    print(json.dumps({"seconds": statistics.median(times), "peakBytes": peak}))


main()
