"""Where things stand in a column of thousands: heights in, positions out, both in O(log n)."""

from collections.abc import Iterable


class Heights:
    """Heights of a column, top to bottom, in pixels (a Fenwick tree)."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._heights = list(heights)
        self._sums = [0, *self._heights]
        for at in range(1, len(self._sums)):
            above = at + (at & -at)
            if above < len(self._sums):
                self._sums[above] += self._sums[at]

    def __len__(self) -> int:
        return len(self._heights)

    def __getitem__(self, index: int) -> int:
        return self._heights[index]

    @property
    def total(self) -> int:
        """The height of the whole column."""
        return self.top(len(self._heights))

    def append(self, height: int) -> None:
        """Add one at the bottom."""
        self._heights.append(height)
        at = len(self._heights)
        below = at - (at & -at)
        # The new node sums the last (at & -at) heights.
        self._sums.append(height + self.top(at - 1) - self.top(below))

    def set(self, index: int, height: int) -> int:
        """Change one height; returns by how much it grew."""
        change = height - self._heights[index]
        self._heights[index] = height
        at = index + 1
        while change and at < len(self._sums):
            self._sums[at] += change
            at += at & -at
        return change

    def truncate(self, length: int) -> None:
        """Forget everything from `length` on."""
        del self._heights[length:], self._sums[length + 1 :]

    def top(self, index: int) -> int:
        """Where the thing at `index` starts."""
        total = 0
        while index:
            total += self._sums[index]
            index -= index & -index
        return total

    def at(self, y: int) -> int:
        """The index of the thing at `y`; the first or last one for a `y` outside."""
        index, step = 0, 1 << len(self._heights).bit_length()
        while step := step >> 1:
            if index + step < len(self._sums) and self._sums[index + step] <= y:
                index += step
                y -= self._sums[index]
        return max(0, min(index, len(self._heights) - 1))
