"""The part of a network in which every junction can be reached from every other."""

import numpy as np
import numpy.typing as npt

from tenfour.roads.graph import Ints


def strongest_part(node_count: int, tail: Ints, head: Ints) -> npt.NDArray[np.bool_]:
    """Which junctions are in the largest strongly connected part (of two equally large, the first found)."""
    if node_count == 0:
        return np.zeros(0, dtype=np.bool_)
    part = _parts(node_count, tail, head)
    return np.asarray(part == np.bincount(part).argmax())


def _parts(node_count: int, tail: Ints, head: Ints) -> npt.NDArray[np.int64]:
    """The number of each junction's part (Kosaraju: finish order forward, then gather against the arrows)."""
    onward, back = _neighbours(node_count, tail, head), _neighbours(node_count, head, tail)
    part = [-1] * node_count
    count = 0
    for root in reversed(_finish_order(node_count, onward)):
        if part[root] >= 0:
            continue
        part[root] = count
        waiting = [root]
        while waiting:
            for neighbour in back[waiting.pop()]:
                if part[neighbour] < 0:
                    part[neighbour] = count
                    waiting.append(neighbour)
        count += 1
    return np.array(part, dtype=np.int64)


def _finish_order(node_count: int, onward: list[list[int]]) -> list[int]:
    """Junctions in the order a depth-first walk leaves them."""
    seen = [False] * node_count
    order: list[int] = []
    for root in range(node_count):
        if seen[root]:
            continue
        seen[root] = True
        path = [(root, iter(onward[root]))]
        while path:
            node, rest = path[-1]
            for neighbour in rest:
                if not seen[neighbour]:
                    seen[neighbour] = True
                    path.append((neighbour, iter(onward[neighbour])))
                    break
            else:
                path.pop()
                order.append(node)
    return order


def _neighbours(node_count: int, tail: Ints, head: Ints) -> list[list[int]]:
    by_tail = np.argsort(tail, kind="stable")
    starts = np.searchsorted(tail[by_tail], np.arange(node_count + 1))
    heads = head[by_tail].tolist()
    return [heads[starts[node] : starts[node + 1]] for node in range(node_count)]
