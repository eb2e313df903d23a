"""The real window: every control by its name, what is computed against SciPy, what goes wrong in place."""

import numpy as np
from PyQt6.QtWidgets import QTableView
from scipy import ndimage, signal

from kernels.filtering import reference
from kernels.kernel import library
from kernels.pictures.reading import open_sample
from viewer.pages.filter.queries import OUTPUT

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], float)


def test_the_window_opens_on_a_sample_with_its_output(window, camera):
    output = window.output()
    np.testing.assert_array_equal(output, signal.correlate2d(camera, SOBEL_X, mode="same"))
    assert output.dtype == np.float32
    assert not output.flags.writeable


def test_preset_weight_padding_and_stride_as_a_new_user_does_it(window, control, choose, camera):
    choose("presetCombo", "laplacian-4")
    table = control("kernelTable")
    assert isinstance(table, QTableView)
    model = table.model()
    assert model.setData(model.index(0, 0), "1/2")
    window.wait_until_idle()
    choose("paddingCombo", "valid")
    for name in ("strideY", "strideX"):
        control(name).setValue(2)
    window.wait_until_idle()
    weights = library.get("laplacian-4").weights.copy()
    weights[0, 0] = 0.5
    expected = signal.correlate2d(camera, weights, mode="valid")[::2, ::2]
    np.testing.assert_allclose(window.output(), expected, atol=1e-2)
    assert window.output().shape == (255, 255)
    assert "255" in control("outputSizeLabel").text()


def test_operation_and_padding_agree_with_scipy(window, choose):
    window.open("lecture-grid")
    picture = open_sample("lecture-grid").pixels.astype(float)
    for operation, filtered in (("correlation", signal.correlate2d), ("convolution", signal.convolve2d)):
        choose("operationCombo", operation)
        for padding in ("valid", "same", "full"):
            choose("paddingCombo", padding)
            expected = filtered(picture, SOBEL_X, mode=padding)
            np.testing.assert_array_equal(window.output(), expected, err_msg=f"{operation}, {padding}")


def test_borders_agree_with_scipy(window, choose, camera):
    modes = {"replicate": "nearest", "reflect": "reflect", "reflect101": "mirror", "wrap": "wrap"}
    for border, mode in modes.items():
        choose("borderCombo", border)
        expected = ndimage.correlate(camera, SOBEL_X, mode=mode)
        np.testing.assert_array_equal(window.output(), expected, err_msg=border)


def test_border_value_dilation_and_padding_in_pixels(window, control, choose, commit):
    window.open("lecture-5x5")
    commit("borderValue", "7")
    choose("paddingCombo", "pixels")
    control("paddingY").setValue(3)
    control("paddingX").setValue(2)
    control("dilationY").setValue(2)
    control("dilationX").setValue(2)
    window.wait_until_idle()
    picture = open_sample("lecture-5x5").pixels
    expected = reference.correlate(
        picture, library.get("sobel-x"), padding=(3, 2), dilation=2, border="constant", border_value=7.0
    )
    np.testing.assert_array_equal(window.output(), expected)


def test_divisor_offset_and_normalise(window, control, choose, commit, camera):
    choose("presetCombo", "laplacian-4")
    commit("divisorEdit", "1/2")
    commit("offsetEdit", "−5")
    expected = signal.correlate2d(camera, library.get("laplacian-4").weights, mode="same") * 2 - 5
    np.testing.assert_allclose(window.output(), expected, atol=1e-2)
    before = window.output()
    control("normaliseButton").click()
    window.wait_until_idle()
    np.testing.assert_array_equal(window.output(), before)  # the sum is 0: nothing to divide by


def test_rows_and_columns_apart_and_even(window, control, camera):
    control("kernelRows").setValue(2)
    window.wait_until_idle()
    control("kernelColumns").setValue(4)
    window.wait_until_idle()
    kernel = window.store.document.kernel
    assert kernel.shape == (2, 4)
    expected = signal.correlate2d(camera, kernel.weights, mode="same")
    np.testing.assert_array_equal(window.output(), expected)


def test_channels_of_a_colour_picture(window, choose):
    window.open("chelsea")
    window.wait_until_idle()
    picture = open_sample("chelsea").pixels.astype(float)
    assert window.output().shape == picture.shape
    choose("channelCombo", "g")
    np.testing.assert_array_equal(window.output(), signal.correlate2d(picture[:, :, 1], SOBEL_X, mode="same"))
    choose("channelCombo", "luma")
    luma = picture @ np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(window.output(), signal.correlate2d(luma, SOBEL_X, mode="same"), atol=2e-2)


def test_ranges_change_what_is_painted_and_never_the_output(window, choose):
    before = window.output().copy()
    for mode in ("clip", "abs", "minmax", "signed"):
        choose("rangeCombo", mode)
        assert window.river.moment.value(OUTPUT).painted.look.mode == mode
        np.testing.assert_array_equal(window.output(), before)


def test_signed_is_the_default_for_sobel_and_clip_for_a_blur(window, control, choose):
    assert control("rangeCombo").currentData() == "signed"
    choose("presetCombo", "gaussian")
    assert control("rangeCombo").currentData() == "clip"
