/* Bytes for the screen: values between two levels, plain or in the colours of a map. */
#include "values.h"

#include <string.h>

/* As OpenCV was compiled: a position is rounded once where the processor can. */
FUSE_PRODUCTS_AND_SUMS

typedef struct {
    double low, high;
    int absolute, in_double;
    const uint8_t *colours; /* 256 of three bytes, or NULL */
    int is_packed;          /* a pixel is one number, 0xffRRGGBB, as most screens have it */
} Paint;

/* The smallest and the largest value so far. */
typedef struct {
    double low, high;
} Extent;

/* Numbers in the order of these are whole numbers in order, which the compiler makes vectors of; NaN is beyond. */
INLINED int32_t order_of_float(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits ^ (bits >> 31 & INT32_MAX);
}

INLINED float float_of_order(int32_t order) {
    float value;
    order ^= order >> 31 & INT32_MAX;
    memcpy(&value, &order, sizeof value);
    return value;
}

/* Half to even: so far from 0, the last digit of a float is a whole number. */
INLINED uint8_t rounded(float place) {
    float far = (place < 255 ? place : 255) + 8388608.0f;
    uint32_t bits;
    memcpy(&bits, &far, sizeof bits);
    return (uint8_t)bits;
}

/* Where values stand between the levels, 0 to 255; NaN stands anywhere. Returns whether all values are finite. */
INLINED int paint_floats(const Paint *paint, uint8_t *restrict to, const float *restrict values, int count,
                         Extent *extent) {
    double per_unit = 255.0 / (paint->high - paint->low);
    float low = (float)paint->low, high = (float)paint->high;
    float scale = (float)per_unit, shift = (float)(-paint->low * per_unit);
    int32_t least = INT32_MAX, most = INT32_MIN;
    for (int i = 0; i < count; i++) {
        int32_t order = order_of_float(values[i]);
        least = order < least ? order : least;
        most = order > most ? order : most;
        float value = paint->absolute ? fabsf(values[i]) : values[i];
        value = value > low ? value : low;
        value = value < high ? value : high;
        to[i] = rounded(fabsf(value * scale + shift));
    }
    float first = float_of_order(least), last = float_of_order(most);
    extent->low = first < extent->low ? first : extent->low;
    extent->high = last > extent->high ? last : extent->high;
    return fabsf(first) <= FLT_MAX && fabsf(last) <= FLT_MAX;
}

/* The same of doubles. */
INLINED int paint_doubles(const Paint *paint, uint8_t *restrict to, const double *restrict values, int count,
                          Extent *extent) {
    int64_t bad = 0;
    for (int i = 0; i < count; i++) {
        bad |= !is_number(values[i]);
        extent->low = values[i] < extent->low ? values[i] : extent->low;
        extent->high = values[i] > extent->high ? values[i] : extent->high;
    }
    for (int i = 0; i < count; i++) {
        double value = paint->absolute ? fabs(values[i]) : values[i];
        value = value > paint->low ? value : paint->low;
        value = value < paint->high ? value : paint->high;
        float share = (float)((value - paint->low) / (paint->high - paint->low));
        to[i] = rounded(share * 255);
    }
    return !bad;
}

/* Three bytes a pixel; four are written, of which the next pixel overwrites the last. */
INLINED void map_colours(uint8_t *to, const uint8_t *greys, int count, const uint32_t *colours, int is_last) {
    for (int i = 0; i < count - is_last; i++) memcpy(to + 3 * i, &colours[greys[i]], 4);
    if (is_last) memcpy(to + 3 * (count - 1), &colours[greys[count - 1]], 3);
}

INLINED uint32_t packed(const uint8_t *colour) {
    return 0xff000000u | (uint32_t)colour[0] << 16 | (uint32_t)colour[1] << 8 | colour[2];
}

/* Returns whether all values are finite; of others the extent says nothing. */
FOR_EACH_PROCESSOR
static int paint_values(const Paint *paint, uint8_t *to, const void *values, char format, Py_ssize_t count,
                        Extent *extent) {
    double doubles[CHUNK];
    float floats[CHUNK];
    uint8_t bytes[CHUNK];
    uint32_t colours[256] = {0};
    int are_finite = 1;
    for (int i = 0; paint->colours && i < 256; i++) {
        const uint8_t *colour = paint->colours + 3 * i;
        if (paint->is_packed) colours[i] = packed(colour);
        else memcpy(&colours[i], colour, 3);
    }
    for (Py_ssize_t at = 0; at < count;) {
        int here = chunk_size(at, count);
        if (paint->is_packed && !paint->colours) here -= here % 3; /* whole pixels */
        uint8_t *greys = paint->colours || paint->is_packed ? bytes : to + at;
        if (paint->in_double) {
            load_double(doubles, values, format, at, here, 1);
            are_finite &= paint_doubles(paint, greys, doubles, here, extent);
        } else {
            if (format != 'f') load_float(floats, values, format, at, here, 1);
            const float *own = format == 'f' ? (const float *)values + at : floats;
            are_finite &= paint_floats(paint, greys, own, here, extent);
        }
        if (paint->colours && paint->is_packed)
            for (int i = 0; i < here; i++) memcpy(to + 4 * (at + i), &colours[bytes[i]], 4);
        else if (paint->colours)
            map_colours(to + 3 * at, bytes, here, colours, at + here == count);
        else if (paint->is_packed)
            for (int i = 0; i < here / 3; i++) {
                uint32_t colour = packed(bytes + 3 * i);
                memcpy(to + 4 * (at / 3 + i), &colour, 4);
            }
        at += here;
    }
    return are_finite;
}

static PyObject *paint(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *objects[3], *result = NULL;
    Array arrays[3] = {0};
    Array *array = &arrays[0], *to = &arrays[1], *colours = &arrays[2];
    Paint how;
    if (!PyArg_ParseTuple(args, "OOOddpp", &objects[0], &objects[1], &objects[2], &how.low, &how.high, &how.absolute,
                          &how.in_double))
        return NULL;
    char format = array_format(objects[0], "values", NUMBERS);
    char to_format = array_format(objects[1], "to", "BI");
    how.is_packed = to_format == 'I';
    how.colours = NULL;
    if (pixels_hold(array, objects[0], "values", format, READ) < 0) goto done;
    if (pixels_hold(to, objects[1], "to", to_format, WRITE) < 0) goto done;
    if (objects[2] != Py_None) {
        if (pixels_hold(colours, objects[2], "colours", 'B', READ) < 0) goto done;
        if (array->shape[1] != 1 || colours->shape[0] != 256 || colours->shape[1] != 3) {
            refuse("colours are 256 of three bytes, for one channel");
            goto done;
        }
        how.colours = colours->data;
    } else if (how.is_packed && array->shape[1] != 3) {
        refuse("one channel is packed by colours, and else there are three");
        goto done;
    }
    if (to->shape[0] != array->shape[0] || to->shape[1] != (how.is_packed ? 1 : how.colours ? 3 : array->shape[1])) {
        refuse("there is no room for as many pixels and bytes as there are values");
        goto done;
    }
    if (!(how.low < how.high) || !isfinite(how.high - how.low)) {
        refuse("the levels are not in order, or too far from each other");
        goto done;
    }
    int are_finite;
    Extent extent = {INFINITY, -INFINITY};
    Py_BEGIN_ALLOW_THREADS
    are_finite = paint_values(&how, to->data, array->data, format, array->shape[0] * array->shape[1], &extent);
    Py_END_ALLOW_THREADS
    result = are_finite ? Py_BuildValue("dd", extent.low + 0.0, extent.high + 0.0) : Py_NewRef(Py_None); /* no -0 */
done:
    arrays_release(arrays, 3);
    return result;
}

PyMethodDef display_methods[] = {
    {"paint", paint, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
