/* How many values there are of each size, and beyond levels. */
#include "values.h"

#define LANES 8 /* partial results side by side, which the compiler makes vectors of */
#define MOST_BINS 256
#define SIZES 4096

/* -- counts -------------------------------------------------------------------------------------------------------- */

typedef struct {
    double edges[MOST_BINS + 1]; /* the outer ones NaN, which no value lies beyond */
    double start, bins_per_unit, sizes_per_unit;
    int last_bin;
    double sum, sum_of_sizes;
    int64_t bins[2][MOST_BINS]; /* in turn: the same bin twice in a row would wait for its own memory */
    int64_t sizes[SIZES + 1];   /* the last are zeros, which nobody asks for */
} Counts;

INLINED int keep_numbers(double *values, int count) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
        double value = values[i];
        values[kept] = value;
        kept += is_number(value);
    }
    return kept;
}

FOR_EACH_PROCESSOR
static void count_values(Counts *counts, const void *values, char format, Py_ssize_t count, int are_finite) {
    double chunk[CHUNK], sums[LANES] = {0}, sums_of_sizes[LANES] = {0};
    int32_t bins[CHUNK], sizes[CHUNK];
    const double *edges = counts->edges;
    for (Py_ssize_t at = 0; at < count; at += CHUNK) {
        int here = chunk_size(at, count);
        load_double(chunk, values, format, at, here, 1);
        if (!are_finite) here = keep_numbers(chunk, here);
        for (int i = 0; i < here; i++) {
            double value = chunk[i], size = fabs(value);
            double bin = (value - counts->start) * counts->bins_per_unit, place = size * counts->sizes_per_unit;
            bin = bin < counts->last_bin ? bin : counts->last_bin;
            place = place < SIZES - 1 ? place : SIZES - 1;
            bins[i] = (int32_t)(bin > 0 ? bin : 0);
            sizes[i] = (int32_t)(size > 0 ? place : SIZES);
        }
        for (int i = here; i % LANES != 0; i++) chunk[i] = 0;
        for (int i = 0; i < here; i += LANES)
            for (int k = 0; k < LANES; k++) sums[k] += chunk[i + k], sums_of_sizes[k] += fabs(chunk[i + k]);
        for (int i = 0; i < here; i++) {
            int32_t bin = bins[i];
            while (chunk[i] < edges[bin]) bin--; /* rounding may have led to the neighbour */
            while (chunk[i] >= edges[bin + 1]) bin++;
            counts->bins[i & 1][bin]++;
            counts->sizes[sizes[i]]++;
        }
    }
    for (int k = 0; k < LANES; k++) counts->sum += sums[k], counts->sum_of_sizes += sums_of_sizes[k];
}

static PyObject *histogram(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *objects[4], *result = NULL;
    int are_finite;
    Array arrays[4] = {0};
    Array *array = &arrays[0], *edges = &arrays[1], *bins = &arrays[2], *sizes = &arrays[3];
    Counts counts = {0};
    if (!PyArg_ParseTuple(args, "OOOOdp", &objects[0], &objects[1], &objects[2], &objects[3], &counts.sizes_per_unit,
                          &are_finite))
        return NULL;
    char format = array_format(objects[0], "values", NUMBERS);
    if (pixels_hold(array, objects[0], "values", format, READ) < 0) goto done;
    if (array_hold(edges, objects[1], "edges", 'd', 1, READ) < 0) goto done;
    if (array_hold(bins, objects[2], "counts", 'q', 1, WRITE) < 0) goto done;
    if (array_hold(sizes, objects[3], "sizes", 'q', 1, WRITE) < 0) goto done;
    Py_ssize_t number = bins->shape[0];
    if (number < 1 || number > MOST_BINS || edges->shape[0] != number + 1 || sizes->shape[0] != SIZES) {
        refuse("counts are 1 to 256, edges one more, and sizes 4096");
        goto done;
    }
    memcpy(counts.edges, edges->data, (number + 1) * sizeof *counts.edges);
    counts.start = counts.edges[0];
    counts.bins_per_unit = number / (counts.edges[number] - counts.start);
    counts.last_bin = (int)number - 1;
    counts.edges[0] = counts.edges[number] = NAN;
    Py_BEGIN_ALLOW_THREADS
    count_values(&counts, array->data, format, array->shape[0] * array->shape[1], are_finite);
    Py_END_ALLOW_THREADS
    for (Py_ssize_t i = 0; i < number; i++) ((int64_t *)bins->data)[i] += counts.bins[0][i] + counts.bins[1][i];
    for (int i = 0; i < SIZES; i++) ((int64_t *)sizes->data)[i] += counts.sizes[i];
    result = Py_BuildValue("dd", counts.sum, counts.sum_of_sizes);
done:
    arrays_release(arrays, 4);
    return result;
}

/* -- beyond levels ------------------------------------------------------------------------------------------------- */

#define BELOW 1
#define ABOVE 2

INLINED void mark_beyond(int64_t *marks, const double *values, int count, double low, double high, int absolute) {
    for (int i = 0; i < count; i++) {
        double value = absolute ? fabs(values[i]) : values[i];
        int64_t is_finite = is_number(value);
        marks[i] |= (is_finite & (value < low)) * BELOW + (is_finite & (value > high)) * ABOVE;
    }
}

FOR_EACH_PROCESSOR
static void count_beyond(Py_ssize_t counts[3], const void *values, char format, Py_ssize_t count, Py_ssize_t channels,
                         double low, double high, int absolute) {
    double chunk[CHUNK];
    for (Py_ssize_t at = 0; at < count; at += CHUNK) {
        int here = chunk_size(at, count);
        int64_t marks[CHUNK] = {0}, below = 0, above = 0, either = 0;
        for (Py_ssize_t channel = 0; channel < channels; channel++) {
            if (channels == 1) load_double(chunk, values, format, at, here, 1);
            else if (channels == 3) load_double(chunk, values, format, 3 * at + channel, here, 3);
            else load_double(chunk, values, format, channels * at + channel, here, channels);
            mark_beyond(marks, chunk, here, low, high, absolute);
        }
        for (int i = 0; i < here; i++) below += marks[i] & BELOW, above += marks[i] / ABOVE, either += marks[i] != 0;
        counts[0] += below, counts[1] += above, counts[2] += either;
    }
}

static PyObject *beyond(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *object, *result = NULL;
    Array array = {0};
    double low, high;
    int absolute;
    if (!PyArg_ParseTuple(args, "Oddp", &object, &low, &high, &absolute)) return NULL;
    char format = array_format(object, "values", NUMBERS);
    if (pixels_hold(&array, object, "values", format, READ) < 0) goto done;
    if (format == 'f') low = (float)low, high = (float)high; /* as NumPy compares float32 with a number */
    Py_ssize_t counts[3] = {0, 0, 0};
    Py_BEGIN_ALLOW_THREADS
    count_beyond(counts, array.data, format, array.shape[0], array.shape[1], low, high, absolute);
    Py_END_ALLOW_THREADS
    result = Py_BuildValue("nnn", counts[0], counts[1], counts[2]);
done:
    arrays_release(&array, 1);
    return result;
}

PyMethodDef counting_methods[] = {
    {"histogram", histogram, METH_VARARGS, NULL},
    {"beyond", beyond, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
