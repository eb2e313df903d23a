"""The catalogue against published tables and other libraries."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernels.kernel import Kernel, default_range, library
from kernels.opencv import cv2

COMPASS = ("east", "north-east", "north", "north-west", "west", "south-west", "south", "south-east")


def weights(name: str, **parameters: float) -> list[list[float]]:
    return library.get(name, **parameters).weights.tolist()


def answer(kernel: Kernel, window: np.ndarray) -> float:
    return float((kernel.effective_weights * window).sum())


class TestBasicsAndSmoothing:
    def test_identity_and_box(self) -> None:
        assert weights("identity") == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
        assert library.get("box", size=3) == Kernel(np.ones((3, 3)), divisor=9, name="Box")

    @given(st.integers(-31, 31), st.integers(-31, 31))
    def test_shift_moves_the_picture_down_and_right(self, dy: int, dx: int) -> None:
        kernel = library.get("shift", dy=dy, dx=dx)
        rows, columns = kernel.shape
        # In a correlation the output at (y, x) takes the pixel under the weight, which must be (y - dy, x - dx).
        assert np.argwhere(kernel.weights).tolist() == [[(rows - 1) // 2 - dy, (columns - 1) // 2 - dx]]

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 25])
    def test_binomial_is_boxes_of_two_over_and_over(self, size: int) -> None:
        row = np.array([1.0])
        for _ in range(size - 1):
            row = np.convolve(row, [1, 1])
        kernel = library.get("binomial", size=size)
        assert np.array_equal(kernel.weights, np.outer(row, row))
        assert kernel.sum == kernel.divisor

    @pytest.mark.parametrize(("sigma", "size"), [(0.5, 3), (1.0, 7), (2.3, 15), (10.0, 61)])
    def test_gaussian_is_opencvs(self, sigma: float, size: int) -> None:
        row = cv2.getGaussianKernel(size, sigma, cv2.CV_64F)
        np.testing.assert_allclose(library.get("gaussian", sigma=sigma, size=size).weights, row @ row.T, atol=1e-15)

    def test_gaussian_of_an_even_size_has_its_peak_between_four_pixels(self) -> None:
        assert weights("gaussian", sigma=1, size=2) == [[0.25, 0.25], [0.25, 0.25]]
        outer, inner = library.get("gaussian", sigma=1, size=4).weights[1, :2]
        assert outer / inner == pytest.approx(math.exp((0.5**2 - 1.5**2) / 2))

    def test_gaussian_is_scipys_impulse_response(self) -> None:
        from scipy import ndimage

        impulse = np.zeros((13, 13))
        impulse[6, 6] = 1.0
        expected = ndimage.gaussian_filter(impulse, 2.0, radius=6)
        np.testing.assert_allclose(library.get("gaussian", sigma=2.0).weights, expected, atol=1e-15)

    @pytest.mark.parametrize("size", [0, 1, 2, 63])
    @pytest.mark.parametrize("sigma", [0.1, 10.0])
    def test_gaussian_always_sums_to_one(self, sigma: float, size: int) -> None:
        kernel = library.get("gaussian", sigma=sigma, size=size)
        assert kernel.sum == pytest.approx(1.0, abs=1e-12)
        assert kernel.is_symmetric
        assert kernel.is_separable

    def test_disc(self) -> None:
        assert weights("disc", radius=0) == [[1]]
        assert library.get("disc", radius=1) == Kernel([[0, 1, 0], [1, 1, 1], [0, 1, 0]], divisor=5, name="Disc")
        assert library.get("disc", radius=31).divisor == pytest.approx(math.pi * 31**2, rel=0.01)

    def test_motion_along_the_axes_is_a_row_or_a_column_of_ones(self) -> None:
        assert library.get("motion", length=5, angle=0) == Kernel(np.ones((1, 5)), divisor=5, name="Motion")
        assert library.get("motion", length=5, angle=90) == Kernel(np.ones((5, 1)), divisor=5, name="Motion")
        assert weights("motion", length=1, angle=30) == [[1]]
        assert weights("motion", length=4, angle=0) == [[0.5, 1, 1, 1, 0.5]]

    def test_motion_turns_clockwise_on_screen(self) -> None:
        kernel = library.get("motion", length=9, angle=45)
        assert kernel.weights[0, 0] > 0.5  # from the upper left to the lower right
        assert kernel.weights[0, -1] == 0.0

    @given(st.floats(1, 61), st.floats(-180, 180))
    def test_motion_keeps_brightness_and_place(self, length: float, angle: float) -> None:
        kernel = library.get("motion", length=length, angle=angle)
        assert kernel.effective_weights.sum() == pytest.approx(1.0)
        assert (kernel.weights >= 0).all()
        assert kernel.is_symmetric
        assert kernel.shape[0] % 2 == kernel.shape[1] % 2 == 1


class TestDerivatives:
    def test_differences_of_the_lectures(self) -> None:
        assert weights("backward-x") == [[-1, 1, 0]]
        assert weights("forward-x") == [[0, -1, 1]]
        assert weights("central-x") == [[-1, 0, 1]]
        assert weights("central-y") == [[-1], [0], [1]]

    def test_operators_of_the_lectures(self) -> None:
        assert weights("roberts-1") == [[-1, 0], [0, 1]]
        assert weights("roberts-2") == [[0, -1], [1, 0]]
        assert weights("prewitt-x") == [[-1, 0, 1]] * 3
        assert weights("sobel-x") == [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
        assert library.get("prewitt-x-third") == library.get("prewitt-x").replace(divisor=3, name="Prewitt x, 1/3")

    @pytest.mark.parametrize("size", [3, 5, 7])
    def test_sobel_is_opencvs(self, size: int) -> None:
        across, down = cv2.getDerivKernels(1, 0, size, ktype=cv2.CV_64F)
        assert np.array_equal(library.get("sobel-x", size=size).weights, down @ across.T)

    def test_scharr_is_opencvs(self) -> None:
        across, down = cv2.getDerivKernels(1, 0, cv2.FILTER_SCHARR, ktype=cv2.CV_64F)
        assert np.array_equal(library.get("scharr-x").weights, down @ across.T)

    @pytest.mark.parametrize("name", ["sobel", "prewitt", "scharr"])
    def test_skimage_agrees_up_to_its_factor(self, name: str) -> None:
        from skimage import filters

        picture = np.random.default_rng(7).normal(size=(3, 3))
        kernel = library.get(f"{name}-x")
        factor = kernel.absolute_sum / 2
        measured = getattr(filters, f"{name}_v")(picture)[1, 1]
        assert answer(kernel, picture) / factor == pytest.approx(measured)

    @pytest.mark.parametrize("name", [name for name in library.names() if name.endswith(("-x", "-x-third"))])
    def test_x_answers_to_growth_to_the_right_and_y_is_its_transpose(self, name: str) -> None:
        kernel = library.get(name)
        assert answer(kernel, np.broadcast_to(np.arange(kernel.shape[1]), kernel.shape)) > 0
        other = library.get(name.replace("-x", "-y"))
        assert np.array_equal(other.weights, kernel.weights.T)

    @pytest.mark.parametrize("family", ["kirsch", "robinson"])
    def test_compass_operators_answer_most_in_their_direction(self, family: str) -> None:
        names = [f"{family}-{side}" for side in COMPASS]
        y, x = np.mgrid[-1:2, -1:2]
        for index, side in enumerate(COMPASS):
            angle = index * math.pi / 4
            slope = x * math.cos(angle) - y * math.sin(angle)  # brighter towards `side`
            answers = [answer(library.get(name), slope) for name in names]
            assert names[int(np.argmax(answers))] == f"{family}-{side}"

    def test_compass_tables(self) -> None:
        assert weights("kirsch-north") == [[5, 5, 5], [-3, 0, -3], [-3, -3, -3]]
        assert weights("kirsch-north-west") == [[5, 5, -3], [5, 0, -3], [-3, -3, -3]]
        assert weights("robinson-east") == weights("sobel-x")
        assert weights("robinson-south") == weights("sobel-y")
        assert weights("robinson-north-east") == [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]]

    def test_frei_chen_is_an_orthonormal_basis(self) -> None:
        basis = np.array([library.get(f"frei-chen-{number}").effective_weights.ravel() for number in range(1, 10)])
        np.testing.assert_allclose(basis @ basis.T, np.eye(9), atol=1e-15)

    def test_frei_chen_edges_follow_the_catalogues_signs(self) -> None:
        y, x = np.mgrid[-1:2, -1:2]
        assert answer(library.get("frei-chen-1"), y) > 0
        assert answer(library.get("frei-chen-2"), x) > 0

    def test_line_detectors_answer_most_to_their_line(self) -> None:
        lines = {
            "line-horizontal": [[0, 0, 0], [1, 1, 1], [0, 0, 0]],
            "line-vertical": [[0, 1, 0]] * 3,
            "line-rising": [[0, 0, 1], [0, 1, 0], [1, 0, 0]],
            "line-falling": np.eye(3),
        }
        for name, line in lines.items():
            answers = {other: answer(library.get(other), np.array(line)) for other in lines}
            assert max(answers, key=answers.__getitem__) == name
            assert answers[name] == 6.0


class TestSecondDerivativesAndSharpening:
    def test_tables(self) -> None:
        assert weights("laplacian-4") == [[0, 1, 0], [1, -4, 1], [0, 1, 0]]
        assert weights("laplacian-8") == [[1, 1, 1], [1, -8, 1], [1, 1, 1]]
        assert weights("outline") == [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]]
        assert weights("sharpen") == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]
        assert weights("emboss-north-west") == [[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]
        lecture = Kernel([[0, -3, 0], [-3, 21, -3], [0, -3, 0]], divisor=9, name="Sharpen, lecture")
        assert library.get("sharpen-lecture") == lecture

    def test_laplacian_is_scipys(self) -> None:
        from scipy import ndimage

        impulse = np.zeros((3, 3))
        impulse[1, 1] = 1.0
        assert np.array_equal(library.get("laplacian-4").weights, ndimage.laplace(impulse, mode="constant"))

    @pytest.mark.parametrize("sigma", [0.5, 1.4, 3.0, 7.5])
    def test_log_sums_to_zero(self, sigma: float) -> None:
        kernel = library.get("log", sigma=sigma)
        assert kernel.sum == pytest.approx(0.0, abs=1e-15)
        assert default_range(kernel) == "signed"
        assert kernel.is_symmetric
        middle = kernel.shape[0] // 2
        assert kernel.weights[middle, middle] < 0

    @pytest.mark.parametrize("sigma", [1.0, 1.4, 3.0, 7.5])
    def test_log_is_a_laplacian(self, sigma: float) -> None:
        kernel = library.get("log", sigma=sigma)
        middle = kernel.shape[0] // 2
        y, x = np.mgrid[-middle : middle + 1, -middle : middle + 1]
        assert answer(kernel, x**2 + y**2) == pytest.approx(4.0, rel=0.01)  # ∇²(x² + y²) = 4

    def test_log_is_near_scipys(self) -> None:
        from scipy import ndimage

        impulse = np.zeros((25, 25))
        impulse[12, 12] = 1.0
        expected = ndimage.gaussian_laplace(impulse, 3.0, truncate=4.0, mode="constant")
        kernel = library.get("log", sigma=3.0)
        assert kernel.shape == (25, 25)
        np.testing.assert_allclose(kernel.weights, expected, atol=2e-3 * np.abs(expected).max())

    def test_dog_is_the_difference_of_two_gaussians(self) -> None:
        kernel = library.get("dog", sigma_1=1, sigma_2=2)
        difference = (
            library.get("gaussian", sigma=1, size=13).weights - library.get("gaussian", sigma=2, size=13).weights
        )
        np.testing.assert_allclose(kernel.weights, difference, atol=1e-15)
        assert kernel.has_zero_sum
        assert not library.get("dog", sigma_1=2, sigma_2=2).weights.any()

    @given(st.floats(0, 5), st.floats(0.1, 10))
    def test_unsharp_keeps_flat_areas(self, amount: float, sigma: float) -> None:
        kernel = library.get("unsharp", amount=amount, sigma=sigma)
        assert kernel.sum == pytest.approx(1.0, abs=1e-12)

    def test_unsharp_adds_what_the_blur_takes(self) -> None:
        impulse = np.zeros((7, 7))
        impulse[3, 3] = 1.0
        blurred = library.get("gaussian", sigma=1.0).weights
        expected = impulse + 1.5 * (impulse - blurred)
        np.testing.assert_allclose(library.get("unsharp", amount=1.5, sigma=1.0).weights, expected, atol=1e-15)
        assert library.get("unsharp", amount=0).weights[3, 3] == 1.0

    def test_high_boost_runs_from_outline_on(self) -> None:
        assert weights("high-boost", boost=0) == weights("outline")
        assert library.get("high-boost", boost=1.7).sum == pytest.approx(1.7)

    @pytest.mark.parametrize("side", COMPASS)
    def test_emboss_keeps_flat_areas_and_lights_slopes_that_face_the_light(self, side: str) -> None:
        kernel = library.get(f"emboss-{side}")
        assert kernel.sum == 1.0
        angle = COMPASS.index(side) * math.pi / 4
        y, x = np.mgrid[-1:2, -1:2]
        # Brightness is height: ground that falls towards the light faces it.
        assert answer(kernel, -(x * math.cos(angle) - y * math.sin(angle))) > 0


class TestGabor:
    @pytest.mark.parametrize("theta", [0.0, 30.0, 90.0, -135.0])
    def test_skimage_agrees_up_to_its_factor(self, theta: float) -> None:
        from skimage.filters import gabor_kernel

        wavelength, sigma, gamma, psi = 6.0, 2.0, 0.5, 40.0
        found = gabor_kernel(
            1 / wavelength, math.radians(theta), sigma_x=sigma, sigma_y=sigma / gamma, offset=math.radians(psi)
        ) * (2 * math.pi * sigma * sigma / gamma)
        expected = found.real - np.abs(found) * (found.real.sum() / np.abs(found).sum())
        kernel = library.get("gabor", wavelength=wavelength, theta=theta, sigma=sigma, gamma=gamma, psi=psi)
        assert kernel.shape == expected.shape
        np.testing.assert_allclose(kernel.weights, expected, atol=1e-12)

    def test_opencv_agrees_after_its_own_rotation(self) -> None:
        kernel = library.get("gabor", wavelength=6, theta=30, sigma=2, gamma=0.5, psi=40)
        rows, columns = kernel.shape
        wave, quadrature = (
            cv2.getGaborKernel((columns, rows), 2.0, math.radians(30), 6.0, 0.5, math.radians(phase), cv2.CV_64F)
            for phase in (40, 130)
        )
        bell = np.hypot(wave, quadrature)
        expected = wave - bell * (wave.sum() / bell.sum())
        np.testing.assert_allclose(kernel.rotate_180().weights, expected, atol=1e-12)

    def test_the_absolute_weights_add_up_to_one(self) -> None:
        assert np.abs(library.get("gabor", theta=17).effective_weights).sum() == pytest.approx(1.0)

    @given(
        st.floats(2, 30), st.floats(-180, 180), st.floats(0.5, 10), st.floats(0.1, 2), st.floats(-180, 180)
    )  # fmt: skip
    def test_any_parameters_give_a_kernel_that_files_take(
        self, wavelength: float, theta: float, sigma: float, gamma: float, psi: float
    ) -> None:
        kernel = library.get("gabor", wavelength=wavelength, theta=theta, sigma=sigma, gamma=gamma, psi=psi)
        assert max(kernel.shape) <= 63
        assert abs(kernel.sum) <= 1e-9 * max(kernel.absolute_sum, 1e-300)
        assert kernel.divisor > 0
