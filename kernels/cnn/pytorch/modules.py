"""What PyTorch has no module for, as small classes in the source that `kernels.cnn.pytorch.source` writes."""

from __future__ import annotations

MODULES = {
    "Border": '''\
class Border(nn.Module):
    """Continues maps past their edges where PyTorch does not: with the edge pixel repeated, or by more than their size.

    Past the edges d of a row a b c d, "reflect" goes on with d c b a, "reflect101" with c b a, "wrap" with a b c d.
    """

    def __init__(self, padding: tuple[int, int, int, int], kind: str) -> None:
        super().__init__()
        self.padding, self.kind = padding, kind

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        left, right, top, bottom = self.padding
        rows = self.sources(-top, maps.shape[-2] + bottom, maps.shape[-2]).to(maps.device)
        columns = self.sources(-left, maps.shape[-1] + right, maps.shape[-1]).to(maps.device)
        return maps[..., rows, :][..., columns]

    def sources(self, start: int, stop: int, length: int) -> torch.Tensor:
        if self.kind == "wrap":
            return torch.arange(start, stop) % length
        overlap = int(self.kind == "reflect")
        period = max(1, 2 * (length - 1 + overlap))
        at = torch.arange(start, stop) % period
        return torch.minimum(at, period - overlap - at)
''',
    "BorderedConv2d": '''\
class BorderedConv2d(nn.Conv2d):
    """A convolution of maps that another module continues past their edges."""

    def __init__(self, border: nn.Module, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.border = border

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return super().forward(self.border(maps))
''',
    "FixedFilter": '''\
class FixedFilter(nn.Module):
    """A kernel that does not learn: (rows, columns) for each map on its own, (rows, columns, maps) to sum over all."""

    def __init__(self, weights, divisor=1.0, offset=0.0, **sliding) -> None:
        super().__init__()
        kernel = torch.tensor(weights, dtype=torch.float64) / divisor
        kernel = torch.atleast_3d(kernel).permute(2, 0, 1)[None]
        self.register_buffer("kernel", kernel.float(), persistent=False)
        self.offset, self.sliding = offset, sliding

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        if self.kernel.shape[1] > 1:
            return F.conv2d(maps, self.kernel, **self.sliding) + self.offset
        channels = maps.shape[1]
        return F.conv2d(maps, self.kernel.repeat(channels, 1, 1, 1), groups=channels, **self.sliding) + self.offset
''',
    "GaussianPool2d": '''\
class GaussianPool2d(nn.Module):
    """A mean under the window with weights down and across; padding counts as zeros, what lies past it not at all."""

    def __init__(self, down, across, stride, padding=(0, 0), beyond=(0, 0)) -> None:
        super().__init__()
        self.register_buffer("kernel", torch.outer(torch.tensor(down), torch.tensor(across)), persistent=False)
        self.stride, self.padding, self.beyond = stride, padding, beyond

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        (top, left), (bottom, right) = self.padding, self.beyond
        padded = F.pad(maps, (left, left, top, top))
        share = self.sums(F.pad(torch.ones_like(padded[:1, :1]), (0, right, 0, bottom)))
        return self.sums(F.pad(padded, (0, right, 0, bottom))) / share

    def sums(self, maps: torch.Tensor) -> torch.Tensor:
        channels = maps.shape[1]
        return F.conv2d(maps, self.kernel.repeat(channels, 1, 1, 1), stride=self.stride, groups=channels)
''',
    "Bias": '''\
class Bias(nn.Module):
    """A number added to each map."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(maps))

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return maps + self.bias.view(-1, *[1] * (maps.dim() - 2))
''',
    "Magnitude": '''\
class Magnitude(nn.Module):
    """The length of the vector that the maps are at every pixel."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.linalg.vector_norm(maps, dim=1, keepdim=True)
''',
    "Residual": '''\
class Residual(nn.Module):
    """What the body makes of the input, added to the input, or to what the shortcut makes of it."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return self.body(maps) + self.shortcut(maps)
''',
    "Branches": '''\
class Branches(nn.Module):
    """What each branch makes of the input, stacked on the maps."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.cat([branch(maps) for branch in self.branches], dim=1)
''',
    "DenseBlock": '''\
class DenseBlock(nn.Module):
    """The input with what the body makes of it stacked behind it."""

    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return torch.cat([maps, self.body(maps)], dim=1)
''',
}
"""By name, in the order in which a source has those that it needs."""
