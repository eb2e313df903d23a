/* Values that are brought to one type, some at a time, whatever the type of their array. */
#ifndef KERNELSCOPE_VALUES_H
#define KERNELSCOPE_VALUES_H

#include "core.h"

#include <float.h>
#include <math.h>
#include <stdint.h>

#define CHUNK 1024 /* values that are brought to one type and then worked on, in the fastest cache */
#define NUMBERS "BHfd"

/* Hold pixels, an axis of them and one of their channels, that lie one after the other in memory. */
INLINED int pixels_hold(Array *array, PyObject *object, const char *name, char format, enum access access) {
    if (format == '\0' || array_hold(array, object, name, format, 2, access) < 0) return -1;
    if (array->shape[0] > 1 && array->strides[0] != array->shape[1]) return refuse("the pixels are not contiguous");
    return 0;
}

/* From `at` on, every `step`-th of the values. A step that is known where this is inlined makes a faster loop. */
#define LOAD(ITEM)                                                               \
    for (int i = 0; i < count; i++) to[i] = ((const ITEM *)from)[at + i * step]; \
    break;
#define LOAD_ANY                 \
    switch (format) {            \
        case 'B': LOAD(uint8_t)  \
        case 'H': LOAD(uint16_t) \
        case 'f': LOAD(float)    \
        case 'd': LOAD(double)   \
    }

INLINED void load_float(float *to, const void *from, char format, Py_ssize_t at, int count, Py_ssize_t step) {
    LOAD_ANY
}
INLINED void load_double(double *to, const void *from, char format, Py_ssize_t at, int count, Py_ssize_t step) {
    LOAD_ANY
}

INLINED int chunk_size(Py_ssize_t at, Py_ssize_t count) { return (int)(count - at < CHUNK ? count - at : CHUNK); }

INLINED int is_number(double value) { return fabs(value) <= DBL_MAX; }

#endif
