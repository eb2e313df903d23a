/* Gradients: magnitude, direction, and edges thinned to one pixel.

   Magnitudes and edges are the same, bit for bit, as `kernels.gradients` has them from NumPy. */
#include "core.h"

#include <float.h>
#include <stdint.h>
#include <string.h>
#include <tgmath.h>

/* Two magnitudes that differ by at most so many roundings are equal, as in `kernels.gradients.edges`. */
#define TIE 4
/* Pixels that are connected before the caller is asked whether to go on. */
#define MOST_STEPS (1 << 20)

#define ROW(array, i, type) ((type *)(array)->data + (i) * (array)->strides[0])

enum norm { L2, L1, MAX };

#define TYPE float
#define NAME(x) x##_in_floats
#define SMALLEST FLT_TRUE_MIN
#define LARGEST FLT_MAX
#define ROUNDING FLT_EPSILON
#include "gradient_loops.h"
#undef TYPE
#undef NAME
#undef SMALLEST
#undef LARGEST
#undef ROUNDING

#define TYPE double
#define NAME(x) x##_in_doubles
#define SMALLEST DBL_TRUE_MIN
#define LARGEST DBL_MAX
#define ROUNDING DBL_EPSILON
#include "gradient_loops.h"

/* Whether arrays have the same number of rows, or of entries if they have one axis, and columns. */
static int are_alike(const Array *arrays, int count) {
    for (int i = 1; i < count; i++)
        if (arrays[i].shape[0] != arrays[0].shape[0] || arrays[i].shape[1] != arrays[0].shape[1]) return 0;
    return 1;
}

/* Release the arrays and return None, or NULL after an error. */
static PyObject *end(Array *arrays, int count) {
    arrays_release(arrays, count);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* -- magnitude and direction --------------------------------------------------------------------------------------- */

FOR_EACH_PROCESSOR
static void measure_in(char format, const Array *gx, const Array *gy, enum norm norm, double tolerance,
                       const Array *magnitude) {
    const Py_ssize_t count = gx->shape[0];
    /* Each norm has a loop of its own. */
    if (format == 'f') {
        if (norm == L2) measure_in_floats(gx->data, gy->data, count, L2, (float)tolerance, magnitude->data);
        if (norm == L1) measure_in_floats(gx->data, gy->data, count, L1, (float)tolerance, magnitude->data);
        if (norm == MAX) measure_in_floats(gx->data, gy->data, count, MAX, (float)tolerance, magnitude->data);
    } else {
        if (norm == L2) measure_in_doubles(gx->data, gy->data, count, L2, tolerance, magnitude->data);
        if (norm == L1) measure_in_doubles(gx->data, gy->data, count, L1, tolerance, magnitude->data);
        if (norm == MAX) measure_in_doubles(gx->data, gy->data, count, MAX, tolerance, magnitude->data);
    }
}

static PyObject *magnitude(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *gx, *gy, *out;
    const char *name;
    double tolerance;
    if (!PyArg_ParseTuple(arguments, "OOsdO", &gx, &gy, &name, &tolerance, &out)) return NULL;
    const char *names[] = {"l2", "l1", "max"};
    int norm = 0;
    while (norm < 3 && strcmp(name, names[norm]) != 0) norm++;
    if (norm == 3) return refuse("the norm is none of l2, l1 and max"), NULL;
    Array arrays[3] = {0};
    const char format = array_format(gx, "gx", "fd");
    if (!format || array_hold(&arrays[0], gx, "gx", format, 1, READ) < 0 ||
        array_hold(&arrays[1], gy, "gy", format, 1, READ) < 0 ||
        array_hold(&arrays[2], out, "out", format, 1, WRITE) < 0)
        return end(arrays, 3);
    if (!are_alike(arrays, 3)) {
        refuse("gx, gy and out are not of one length");
        return end(arrays, 3);
    }
    Py_BEGIN_ALLOW_THREADS
    measure_in(format, &arrays[0], &arrays[1], norm, tolerance, &arrays[2]);
    Py_END_ALLOW_THREADS
    return end(arrays, 3);
}

/* Return atan(y / x) in degrees, 0 to 90, for x and y of at least 0, to three roundings.

   The smaller over the larger, t, is at most 1. Where it is above tan 22.5°, the angle is 45° + atan((t - 1) / (t + 1)):
   so the series is asked for nothing above tan 22.5°. Its four coefficients have the least largest error there. */
INLINED float acute_angle(float x, float y) {
    const int is_steep = y > x;
    const float t = (is_steep ? x : y) / (is_steep ? y : x);
    const int is_beyond = t > 0.41421356f;
    const float z = (is_beyond ? t - 1 : t) / (is_beyond ? t + 1 : 1), square = z * z;
    const float series = ((4.6509633f * square - 7.9648204f) * square + 11.448009f) * square - 19.098442f;
    const float angle = (is_beyond ? 45.0f : 0.0f) + (z * 57.29578f + z * square * series);
    return is_steep ? 90 - angle : angle;
}

FOR_EACH_PROCESSOR
static void direct(const float *gx, const float *gy, const float *magnitude, Py_ssize_t count, float *out) {
    for (Py_ssize_t i = 0; i < count; i++) {
        const float acute = acute_angle(fabs(gx[i]), fabs(gy[i]));
        const float angle = gx[i] < 0 ? 180 - acute : acute;
        const float turned = ((gy[i] < 0) | (angle == 180)) ? -angle : angle;
        out[i] = magnitude[i] > 0 ? turned + 0.0f : NAN; /* -0 becomes 0 */
    }
}

static PyObject *direction(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *gx, *gy, *size, *out;
    if (!PyArg_ParseTuple(arguments, "OOOO", &gx, &gy, &size, &out)) return NULL;
    Array arrays[4] = {0};
    if (array_hold(&arrays[0], gx, "gx", 'f', 1, READ) < 0 || array_hold(&arrays[1], gy, "gy", 'f', 1, READ) < 0 ||
        array_hold(&arrays[2], size, "magnitude", 'f', 1, READ) < 0 ||
        array_hold(&arrays[3], out, "out", 'f', 1, WRITE) < 0)
        return end(arrays, 4);
    if (!are_alike(arrays, 4)) {
        refuse("gx, gy, magnitude and out are not of one length");
        return end(arrays, 4);
    }
    Py_BEGIN_ALLOW_THREADS
    direct(arrays[0].data, arrays[1].data, arrays[2].data, arrays[0].shape[0], arrays[3].data);
    Py_END_ALLOW_THREADS
    return end(arrays, 4);
}

/* -- thinned edges ------------------------------------------------------------------------------------------------- */

FOR_EACH_PROCESSOR
static void thin_in(char format, const Array *magnitude, const Array *gx, const Array *gy, Py_ssize_t top,
                    Py_ssize_t stride_y, Py_ssize_t stride_x, double least, void *rows, const Array *ridge) {
    if (format == 'f')
        thin_in_floats(magnitude, gx, gy, top, (float)stride_y, (float)stride_x, (float)least, rows, ridge);
    else
        thin_in_doubles(magnitude, gx, gy, top, (double)stride_y, (double)stride_x, least, rows, ridge);
}

static PyObject *ridges(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *size, *gx, *gy, *room, *out;
    Py_ssize_t top, stride_y, stride_x;
    double least;
    if (!PyArg_ParseTuple(arguments, "OOOn(nn)dOO", &size, &gx, &gy, &top, &stride_y, &stride_x, &least, &room, &out))
        return NULL;
    Array arrays[5] = {0}, *magnitude = &arrays[3], *rows = &arrays[4];
    const char format = array_format(size, "magnitude", "fd");
    if (!format || array_hold(&arrays[0], gx, "gx", format, 2, READ) < 0 ||
        array_hold(&arrays[1], gy, "gy", format, 2, READ) < 0 ||
        array_hold(&arrays[2], out, "out", '?', 2, WRITE) < 0 ||
        array_hold(magnitude, size, "magnitude", format, 2, READ) < 0 ||
        array_hold(rows, room, "rows", format, 1, WRITE) < 0)
        return end(arrays, 5);
    const Py_ssize_t height = magnitude->shape[0], width = magnitude->shape[1], count = arrays[0].shape[0];
    if (!are_alike(arrays, 3) || arrays[0].shape[1] != width)
        refuse("gx, gy and out are not of one shape with the width of magnitude");
    else if (top < 0 || top > height || count > height - top)
        refuse("magnitude does not have all rows of gx from top on");
    else if (rows->shape[0] / 3 < width + 2)
        refuse("rows have no room for three of magnitude and two entries more in each");
    if (PyErr_Occurred()) return end(arrays, 5);
    Py_BEGIN_ALLOW_THREADS
    thin_in(format, magnitude, &arrays[0], &arrays[1], top, stride_y, stride_x, least, rows->data, &arrays[2]);
    Py_END_ALLOW_THREADS
    return end(arrays, 5);
}

FOR_EACH_PROCESSOR
static void divide_in(char format, const Array *candidates, const Array *magnitude, double low, double high,
                      const Array *waiting, const Array *found) {
    const Py_ssize_t count = candidates->shape[0];
    if (format == 'f')
        divide_in_floats(candidates->data, magnitude->data, count, (float)low, (float)high, waiting->data, found->data);
    else
        divide_in_doubles(candidates->data, magnitude->data, count, low, high, waiting->data, found->data);
}

static PyObject *double_threshold(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *candidates, *size, *waiting, *found;
    double low, high;
    if (!PyArg_ParseTuple(arguments, "OOddOO", &candidates, &size, &low, &high, &waiting, &found)) return NULL;
    Array arrays[4] = {0};
    const char format = array_format(size, "magnitude", "fd");
    if (!format || array_hold(&arrays[0], candidates, "candidates", '?', 1, READ) < 0 ||
        array_hold(&arrays[1], size, "magnitude", format, 1, READ) < 0 ||
        array_hold(&arrays[2], waiting, "waiting", '?', 1, WRITE) < 0 ||
        array_hold(&arrays[3], found, "found", '?', 1, WRITE) < 0)
        return end(arrays, 4);
    if (!are_alike(arrays, 4)) {
        refuse("candidates, magnitude, waiting and found are not of one length");
        return end(arrays, 4);
    }
    Py_BEGIN_ALLOW_THREADS
    divide_in(format, &arrays[0], &arrays[1], low, high, &arrays[2], &arrays[3]);
    Py_END_ALLOW_THREADS
    return end(arrays, 4);
}

/* Pixels that were found and whose neighbours have not been looked at. */
typedef struct {
    int32_t (*places)[2]; /* row, column */
    Py_ssize_t count, room;
    int is_complete; /* whether all had room */
} Stack;

/* Find what waits at a place and beside it. */
INLINED void find_beside(const Array *waiting, const Array *found, Py_ssize_t i, Py_ssize_t j, Stack *stack) {
    const Py_ssize_t top = i > 0 ? i - 1 : i, bottom = i + 1 < waiting->shape[0] ? i + 1 : i;
    const Py_ssize_t left = j > 0 ? j - 1 : j, right = j + 1 < waiting->shape[1] ? j + 1 : j;
    for (Py_ssize_t y = top; y <= bottom; y++) {
        unsigned char *row = ROW(waiting, y, unsigned char);
        for (Py_ssize_t x = left; x <= right; x++) {
            if (!row[x]) continue;
            row[x] = 0;
            ROW(found, y, unsigned char)[x] = 1;
            if (stack->count == stack->room) {
                stack->is_complete = 0;
                continue;
            }
            int32_t *place = stack->places[stack->count++];
            place[0] = (int32_t)y;
            place[1] = (int32_t)x;
        }
    }
}

/* Mark in `beside` what waits in row `i` and has a pixel beside it that was found. `columns` has an entry more at both
   ends. */
INLINED void mark_beside(const Array *waiting, const Array *found, Py_ssize_t i, unsigned char *columns,
                         unsigned char *beside) {
    const Py_ssize_t height = found->shape[0], width = found->shape[1];
    const unsigned char *above = ROW(found, i > 0 ? i - 1 : i, unsigned char), *level = ROW(found, i, unsigned char);
    const unsigned char *below = ROW(found, i + 1 < height ? i + 1 : i, unsigned char);
    const unsigned char *row = ROW(waiting, i, unsigned char);
    for (Py_ssize_t j = 0; j < width; j++) columns[j] = above[j] | level[j] | below[j];
    columns[-1] = columns[width] = 0;
    for (Py_ssize_t j = 0; j < width; j++) beside[j] = row[j] & (columns[j - 1] | columns[j] | columns[j + 1]);
}

/* Find what is connected to what was found, beginning with what waits in the rows from `top` to `bottom`. Returns
   whether that is all; else something may still wait beside a pixel that was found. */
FOR_EACH_PROCESSOR
static int find_connected(const Array *waiting, const Array *found, Py_ssize_t top, Py_ssize_t bottom,
                          unsigned char *room, Stack stack) {
    const Py_ssize_t height = found->shape[0], width = found->shape[1];
    unsigned char *columns = room + 1, *beside = columns + width + 1;
    Py_ssize_t steps = MOST_STEPS;
    for (Py_ssize_t i = top; i < bottom; i++) {
        mark_beside(waiting, found, i, columns, beside);
        for (const unsigned char *next = beside; (next = memchr(next, 1, beside + width - next)) != NULL; next++) {
            if (!ROW(waiting, i, unsigned char)[next - beside]) continue; /* it was found meanwhile */
            find_beside(waiting, found, i, next - beside, &stack);
            while (stack.count > 0) {
                const int32_t *place = stack.places[--stack.count];
                const Py_ssize_t y = place[0], x = place[1];
                if (y < 0 || y >= height || x < 0 || x >= width) continue; /* somebody else wrote it */
                find_beside(waiting, found, y, x, &stack);
                if (--steps == 0) return 0;
            }
        }
    }
    return stack.is_complete;
}

static PyObject *connect(PyObject *module, PyObject *arguments) {
    (void)module;
    PyObject *waiting, *found, *bytes, *places;
    Py_ssize_t top, bottom;
    if (!PyArg_ParseTuple(arguments, "OOnnOO", &waiting, &found, &top, &bottom, &bytes, &places)) return NULL;
    Array arrays[4] = {0}, *room = &arrays[2], *stack = &arrays[3];
    if (array_hold(&arrays[0], waiting, "waiting", '?', 2, WRITE) < 0 ||
        array_hold(&arrays[1], found, "found", '?', 2, WRITE) < 0 ||
        array_hold(room, bytes, "room", 'B', 1, WRITE) < 0 || array_hold(stack, places, "stack", 'i', 2, WRITE) < 0)
        return end(arrays, 4);
    const Py_ssize_t height = arrays[0].shape[0], width = arrays[0].shape[1];
    if (!are_alike(arrays, 2) || height > INT32_MAX || width > INT32_MAX)
        refuse("waiting and found are not of one shape below 2^31");
    else if (top < 0 || bottom > height)
        refuse("the rows from top to bottom are not all in waiting");
    else if (room->shape[0] / 2 <= width)
        refuse("room is not two bytes longer than two rows");
    else if (stack->shape[0] == 0 || stack->shape[1] != 2 || stack->strides[0] != 2)
        refuse("stack does not have two numbers in each row, and the rows side by side");
    if (PyErr_Occurred()) return end(arrays, 4);
    const Stack empty = {.places = stack->data, .room = stack->shape[0], .is_complete = 1};
    int is_complete;
    Py_BEGIN_ALLOW_THREADS
    is_complete = find_connected(&arrays[0], &arrays[1], top, bottom, room->data, empty);
    Py_END_ALLOW_THREADS
    arrays_release(arrays, 4);
    return PyBool_FromLong(is_complete);
}

PyMethodDef gradient_methods[] = {
    {"magnitude", magnitude, METH_VARARGS, "See `_core.pyi`."},
    {"direction", direction, METH_VARARGS, "See `_core.pyi`."},
    {"ridges", ridges, METH_VARARGS, "See `_core.pyi`."},
    {"double_threshold", double_threshold, METH_VARARGS, "See `_core.pyi`."},
    {"connect", connect, METH_VARARGS, "See `_core.pyi`."},
    {NULL, NULL, 0, NULL},
};
