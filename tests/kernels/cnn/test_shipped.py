"""The networks and digits that come with the program."""

from __future__ import annotations

import numpy as np
import pytest

from kernels import cnn, resources
from kernels.cnn import datasets
from kernels.cnn.models import COLOURNET, LENET5, MLP
from kernels.cnn.weights import load_with_header


def test_lenet5_reads_the_shipped_digits_as_its_file_says() -> None:
    header, network = load_with_header("lenet5")
    assert header.architecture == LENET5
    assert header.data == "MNIST"
    assert header.figures.test_pictures == 10_000
    assert header.figures.accuracy is not None
    assert header.figures.accuracy >= 0.992
    digits = datasets.shipped_digits()
    assert digits.images.shape == (2000, 28, 28)
    assert cnn.evaluate(network, digits).accuracy == pytest.approx(header.figures.accuracy, abs=0.004)


def test_the_mlp_is_the_lectures_network_and_reads_the_shipped_digits_as_its_file_says() -> None:
    header, network = load_with_header("mlp")
    assert header.architecture == MLP
    assert [shape for shape in header.architecture.shapes() if len(shape) == 1] == [
        *[(784,)],
        *[(200,)] * 2,
        *[(60,)] * 2,
        (10,),
    ]
    assert sum(array.size for array in network.parameters()) == 169_670
    assert (header.data, header.figures.test_pictures) == ("MNIST", 10_000)
    assert header.figures.accuracy is not None
    assert header.figures.accuracy >= 0.98
    digits = datasets.shipped_digits()
    assert cnn.evaluate(network, digits).accuracy == pytest.approx(header.figures.accuracy, abs=0.006)
    assert resources.asset("networks", "mlp.npz").stat().st_size < 1_000_000


def test_a_changed_filter_costs_accuracy_and_putting_it_back_restores_it() -> None:
    network, digits = cnn.load("lenet5"), datasets.shipped_digits().take(0, 500)
    kept = network.filters()[2]
    changed = network.with_filter(0, 2, np.full((5, 5), 3.0))
    before = cnn.evaluate(network, digits)
    assert cnn.evaluate(changed, digits).accuracy < before.accuracy
    assert cnn.evaluate(changed.with_filter(0, 2, kept), digits) == before


def test_colournet_has_its_figures_and_sees_colour() -> None:
    header, network = load_with_header("colournet")
    assert header.architecture == COLOURNET
    assert (header.data, header.classes) == ("CIFAR-10", datasets.OBJECTS)
    assert header.figures.test_pictures == 10_000
    assert header.figures.accuracy is not None
    assert header.figures.accuracy >= 0.72
    # What it has learned is more than noise: the colours of each filter vary smoothly from pixel to pixel.
    filters = network.filters()
    centred = filters - filters.mean(axis=(1, 2), keepdims=True)
    neighbours = np.sum(centred[:, 1:] * centred[:, :-1]) + np.sum(centred[:, :, 1:] * centred[:, :, :-1])
    assert neighbours / (2 * np.sum(centred**2)) > 0.3


def test_the_readme_names_command_seed_authors_and_licence() -> None:
    text = resources.asset("networks", "README.md").read_text(encoding="utf-8")
    for name in ("lenet5", "colournet", "mlp"):
        header, _ = load_with_header(name)
        assert f"kernelscope train {name} " in text
        assert f"--epochs {header.figures.epochs} --seed {header.figures.seed} -o assets/networks/{name}.npz" in text
        assert f"{100 * (header.figures.accuracy or 0):.2f} %" in text
    for word in ("LeCun", "Cortes", "Burges", "CC BY-SA 3.0", "Krizhevsky", "every fifth"):
        assert word in text
