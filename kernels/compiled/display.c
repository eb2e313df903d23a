/* What painting needs: extremes and counts, fewer pixels, bytes. */
#include "core.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#define CHUNK 1024 /* values that are brought to one type and then worked on, in the fastest cache */
#define LANES 8    /* partial results side by side, which the compiler makes vectors of */
#define MOST_BINS 256
#define SIZES 4096

#define NUMBERS "BHfd"

/* The struct format of an array, or 0 with an exception if it is none of those known. */
static char format_of(PyObject *object, const char *name, const char *known) {
    Py_buffer buffer;
    if (PyObject_GetBuffer(object, &buffer, PyBUF_STRIDES | PyBUF_FORMAT) < 0) return 0;
    const char *found = buffer.format ? buffer.format : "B";
    char format = found[0] != '\0' && found[1] == '\0' && strchr(known, found[0]) ? found[0] : '\0';
    if (format == '\0') PyErr_Format(PyExc_ValueError, "%s has items %s; one of %s is needed", name, found, known);
    PyBuffer_Release(&buffer);
    return format;
}

/* Hold pixels, an axis of them and one of their channels, that lie one after the other in memory. */
static int pixels_hold(Array *array, PyObject *object, const char *name, char format, enum access access) {
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

/* -- extremes ------------------------------------------------------------------------------------------------------ */

typedef struct {
    double low, high;
    Py_ssize_t bad; /* pixels with a value that is none */
    Py_ssize_t finite;
    int is_whole;
} Extent;

INLINED int all_whole(const double *values, int count) {
    int64_t parts = 0;
    for (int i = 0; i < count; i++) parts += is_number(values[i]) & (rint(values[i]) != values[i]);
    return parts == 0;
}

FOR_EACH_PROCESSOR
static void find_extent(Extent *found, const void *values, char format, Py_ssize_t count, Py_ssize_t channels) {
    double low[LANES], high[LANES], chunk[CHUNK];
    int64_t finite[LANES] = {0};
    Py_ssize_t last_bad = -1;
    for (int k = 0; k < LANES; k++) low[k] = INFINITY, high[k] = -INFINITY;
    for (Py_ssize_t at = 0; at < count; at += CHUNK) {
        int here = chunk_size(at, count);
        load_double(chunk, values, format, at, here, 1);
        for (int i = here; i % LANES != 0; i++) chunk[i] = NAN;
        int64_t numbers[LANES] = {0};
        for (int i = 0; i < here; i += LANES)
            for (int k = 0; k < LANES; k++) {
                double value = chunk[i + k];
                int64_t is_finite = is_number(value);
                low[k] = is_finite & (value < low[k]) ? value : low[k];
                high[k] = is_finite & (value > high[k]) ? value : high[k];
                numbers[k] += is_finite;
            }
        int64_t sum = 0;
        for (int k = 0; k < LANES; k++) finite[k] += numbers[k], sum += numbers[k];
        if (sum != here)
            for (int i = 0; i < here; i++) {
                Py_ssize_t pixel = (at + i) / channels;
                if (is_number(chunk[i]) || pixel == last_bad) continue;
                last_bad = pixel;
                found->bad++;
            }
        if (found->is_whole) found->is_whole = all_whole(chunk, here);
    }
    for (int k = 0; k < LANES; k++) {
        if (low[k] < found->low) found->low = low[k];
        if (high[k] > found->high) found->high = high[k];
        found->finite += finite[k];
    }
}

static PyObject *extent(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *object, *result = NULL;
    Array array = {0};
    Extent found = {.low = INFINITY, .high = -INFINITY};
    if (!PyArg_ParseTuple(args, "Op", &object, &found.is_whole)) return NULL;
    char format = format_of(object, "values", NUMBERS);
    if (pixels_hold(&array, object, "values", format, READ) < 0) goto done;
    Py_BEGIN_ALLOW_THREADS
    find_extent(&found, array.data, format, array.shape[0] * array.shape[1], array.shape[1]);
    Py_END_ALLOW_THREADS
    result = Py_BuildValue("ddnnN", found.low, found.high, found.bad, found.finite, PyBool_FromLong(found.is_whole));
done:
    arrays_release(&array, 1);
    return result;
}

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
    char format = format_of(objects[0], "values", NUMBERS);
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
static void count_beyond(Py_ssize_t counts[2], const void *values, char format, Py_ssize_t count, Py_ssize_t channels,
                         double low, double high, int absolute) {
    double chunk[CHUNK];
    for (Py_ssize_t at = 0; at < count; at += CHUNK) {
        int here = chunk_size(at, count);
        int64_t marks[CHUNK] = {0}, below = 0, above = 0;
        for (Py_ssize_t channel = 0; channel < channels; channel++) {
            if (channels == 1) load_double(chunk, values, format, at, here, 1);
            else if (channels == 3) load_double(chunk, values, format, 3 * at + channel, here, 3);
            else load_double(chunk, values, format, channels * at + channel, here, channels);
            mark_beyond(marks, chunk, here, low, high, absolute);
        }
        for (int i = 0; i < here; i++) below += marks[i] & BELOW, above += marks[i] / ABOVE;
        counts[0] += below, counts[1] += above;
    }
}

static PyObject *beyond(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *object, *result = NULL;
    Array array = {0};
    double low, high;
    int absolute;
    if (!PyArg_ParseTuple(args, "Oddp", &object, &low, &high, &absolute)) return NULL;
    char format = format_of(object, "values", NUMBERS);
    if (pixels_hold(&array, object, "values", format, READ) < 0) goto done;
    if (format == 'f') low = (float)low, high = (float)high; /* as NumPy compares float32 with a number */
    Py_ssize_t counts[2] = {0, 0};
    Py_BEGIN_ALLOW_THREADS
    count_beyond(counts, array.data, format, array.shape[0], array.shape[1], low, high, absolute);
    Py_END_ALLOW_THREADS
    result = Py_BuildValue("nn", counts[0], counts[1]);
done:
    arrays_release(&array, 1);
    return result;
}

/* -- fewer pixels -------------------------------------------------------------------------------------------------- */

/* Which of `size` pixels in a row the cells, of `count` that cover it evenly, touch. */
INLINED Py_ssize_t first_pixel(Py_ssize_t cell, Py_ssize_t size, Py_ssize_t count) { return cell * size / count; }
INLINED Py_ssize_t last_pixel(Py_ssize_t cell, Py_ssize_t size, Py_ssize_t count) {
    return ((cell + 1) * size - 1) / count;
}

/* The share of a pixel in a cell. In parts of a pixel, of which there are `count`, nothing is rounded but the share. */
INLINED double share(Py_ssize_t pixel, Py_ssize_t cell, Py_ssize_t size, Py_ssize_t count) {
    Py_ssize_t cell_end = (cell + 1) * size, pixel_end = (pixel + 1) * count;
    Py_ssize_t cell_start = cell * size, pixel_start = pixel * count;
    Py_ssize_t end = cell_end < pixel_end ? cell_end : pixel_end;
    Py_ssize_t start = cell_start > pixel_start ? cell_start : pixel_start;
    return (double)(end - start) / (double)size;
}

typedef struct {
    const char *data; /* the pixels */
    char format;
    Py_ssize_t item_size;
    Py_ssize_t row_stride, pixel_stride; /* in items */
    Py_ssize_t rows, columns, channels;  /* of the pixels */
    Py_ssize_t cell_rows, cell_columns;
    const double *first_shares, *last_shares; /* of the pixels at both ends of each cell of a row */
} Reduction;

/* The pixels that a cell of a row touches, in whole numbers from cell to cell: the division would take longest. */
typedef struct {
    Py_ssize_t first, last;
    Py_ssize_t next, part; /* before the next cell: pixels, and parts of one; it has as many as there are cells */
} Touched;

INLINED void touch_next(Touched *touched, Py_ssize_t pixels, Py_ssize_t parts, Py_ssize_t cells) {
    touched->first = touched->next;
    touched->next += pixels, touched->part += parts;
    if (touched->part >= cells) touched->next++, touched->part -= cells;
    touched->last = touched->next - (touched->part == 0);
}

/* So many rows of cells are made side by side, their values interleaved: a sum along the rows is one of vectors. */
#define ROWS 8

/* A float32 sum of many pixels would lose digits. */
INLINED int is_many(Py_ssize_t size, Py_ssize_t count) { return size > 64 * count; }

/* Values of a row of pixels, one after the other: where they are, or in the chunk. */
#define DEFINE_ROW(TYPE, FORMAT)                                                                                    \
    INLINED const TYPE *row_##TYPE(TYPE *chunk, const Reduction *r, Py_ssize_t row, Py_ssize_t at, int count) {     \
        const char *from = r->data + row * r->row_stride * r->item_size;                                            \
        if (r->pixel_stride == r->channels) {                                                                       \
            if (r->format == FORMAT) return (const TYPE *)from + at;                                                \
            load_##TYPE(chunk, from, r->format, at, count, 1);                                                      \
        } else if (r->channels == 1) {                                                                              \
            load_##TYPE(chunk, from, r->format, at * r->pixel_stride, count, r->pixel_stride);                      \
        } else {                                                                                                    \
            for (int i = 0; i < count; i++) {                                                                       \
                Py_ssize_t pixel = (at + i) / r->channels, channel = (at + i) % r->channels;                        \
                load_##TYPE(chunk + i, from, r->format, pixel * r->pixel_stride + channel, 1, 1);                   \
            }                                                                                                       \
        }                                                                                                           \
        return chunk;                                                                                               \
    }

/* Part of the row of cells that lies in these rows of pixels, still as wide as they are. A sum begins with 0 and goes
   from pixel to pixel, as in a product of matrices. */
#define DEFINE_MEANS_DOWN(TYPE)                                                                                     \
    INLINED void means_down_##TYPE(TYPE *sums, const Reduction *r, Py_ssize_t cell, Py_ssize_t at, int count) {     \
        TYPE chunk[CHUNK];                                                                                          \
        Py_ssize_t first = first_pixel(cell, r->rows, r->cell_rows);                                                \
        Py_ssize_t last = last_pixel(cell, r->rows, r->cell_rows);                                                  \
        for (Py_ssize_t row = first; row <= last; row++) {                                                          \
            TYPE weight = (TYPE)share(row, cell, r->rows, r->cell_rows);                                            \
            const TYPE *restrict values = row_##TYPE(chunk, r, row, at, count);                                     \
            TYPE *restrict to = sums;                                                                               \
            if (row == first)                                                                                       \
                for (int i = 0; i < count; i++) to[i] = 0 + weight * values[i];                                     \
            else                                                                                                    \
                for (int i = 0; i < count; i++) to[i] += weight * values[i];                                        \
        }                                                                                                           \
    }

/* Cells of `ROWS` rows, from rows as wide as the pixels; both interleaved. */
#define DEFINE_MEANS_ALONG(NAME, TYPE, SUM)                                                                         \
    INLINED void NAME(const Reduction *r, const TYPE *wide, TYPE *cells) {                                          \
        SUM whole = (SUM)((double)r->cell_columns / (double)r->columns);                                            \
        Py_ssize_t pixels = r->columns / r->cell_columns, parts = r->columns % r->cell_columns;                     \
        Py_ssize_t step = r->channels * ROWS;                                                                       \
        Touched touched = {0};                                                                                      \
        for (Py_ssize_t cell = 0; cell < r->cell_columns; cell++) {                                                 \
            SUM at_first = (SUM)r->first_shares[cell], at_last = (SUM)r->last_shares[cell];                         \
            touch_next(&touched, pixels, parts, r->cell_columns);                                                   \
            Py_ssize_t first = touched.first, last = touched.last;                                                  \
            for (Py_ssize_t channel = 0; channel < r->channels; channel++, cells += ROWS) {                         \
                const TYPE *pixel = wide + first * step + channel * ROWS;                                           \
                const TYPE *end = wide + last * step + channel * ROWS;                                              \
                SUM sums[ROWS];                                                                                     \
                for (int k = 0; k < ROWS; k++) sums[k] = 0 + at_first * pixel[k];                                   \
                for (pixel += step; pixel < end; pixel += step)                                                     \
                    for (int k = 0; k < ROWS; k++) sums[k] += whole * pixel[k];                                     \
                if (last > first)                                                                                   \
                    for (int k = 0; k < ROWS; k++) sums[k] += at_last * end[k];                                     \
                for (int k = 0; k < ROWS; k++) cells[k] = (TYPE)sums[k];                                            \
            }                                                                                                       \
        }                                                                                                           \
    }

/* The same with the largest instead of the mean: NaN where one is none, also for -inf, which would vanish beside a
   number. */
#define DEFINE_LARGEST(TYPE)                                                                                        \
    INLINED TYPE seen_##TYPE(TYPE value) { return value == -(TYPE)INFINITY ? (TYPE)NAN : value; }                   \
    INLINED TYPE larger_##TYPE(TYPE most, TYPE value) {                                                             \
        TYPE larger = value > most ? value : most;                                                                  \
        return value == value ? larger : value;                                                                     \
    }                                                                                                               \
    INLINED void largest_down_##TYPE(TYPE *most, const Reduction *r, Py_ssize_t cell, Py_ssize_t at, int count) {   \
        TYPE chunk[CHUNK];                                                                                          \
        Py_ssize_t last = last_pixel(cell, r->rows, r->cell_rows);                                                  \
        for (int i = 0; i < count; i++) most[i] = -(TYPE)INFINITY;                                                  \
        for (Py_ssize_t row = first_pixel(cell, r->rows, r->cell_rows); row <= last; row++) {                       \
            const TYPE *restrict values = row_##TYPE(chunk, r, row, at, count);                                     \
            TYPE *restrict to = most;                                                                               \
            for (int i = 0; i < count; i++) to[i] = larger_##TYPE(to[i], seen_##TYPE(values[i]));                   \
        }                                                                                                           \
    }                                                                                                               \
    INLINED void largest_along_##TYPE(const Reduction *r, const TYPE *wide, TYPE *cells) {                          \
        Py_ssize_t pixels = r->columns / r->cell_columns, parts = r->columns % r->cell_columns;                     \
        Touched touched = {0};                                                                                      \
        for (Py_ssize_t cell = 0; cell < r->cell_columns; cell++) {                                                 \
            touch_next(&touched, pixels, parts, r->cell_columns);                                                   \
            for (Py_ssize_t channel = 0; channel < r->channels; channel++, cells += ROWS) {                         \
                TYPE most[ROWS];                                                                                    \
                for (int k = 0; k < ROWS; k++) most[k] = -(TYPE)INFINITY;                                           \
                for (Py_ssize_t pixel = touched.first; pixel <= touched.last; pixel++) {                            \
                    const TYPE *values = wide + (pixel * r->channels + channel) * ROWS;                             \
                    for (int k = 0; k < ROWS; k++) most[k] = larger_##TYPE(most[k], values[k]);                     \
                }                                                                                                   \
                for (int k = 0; k < ROWS; k++) cells[k] = most[k];                                                  \
            }                                                                                                       \
        }                                                                                                           \
    }

DEFINE_ROW(float, 'f')
DEFINE_ROW(double, 'd')
DEFINE_MEANS_DOWN(float)
DEFINE_MEANS_DOWN(double)
DEFINE_MEANS_ALONG(means_along_float, float, float)
DEFINE_MEANS_ALONG(means_along_float_exactly, float, double)
DEFINE_MEANS_ALONG(means_along_double, double, double)
DEFINE_LARGEST(float)
DEFINE_LARGEST(double)

INLINED void many_means_down_float(float *means, const Reduction *r, Py_ssize_t cell, Py_ssize_t at, int count) {
    double sums[CHUNK];
    means_down_double(sums, r, cell, at, count);
    for (int i = 0; i < count; i++) means[i] = (float)sums[i];
}

/* `rows` rows of cells, at most `ROWS`, from `cell` on. */
#define REDUCE_ROWS(TYPE, DOWN, ALONG)                                                                              \
    {                                                                                                               \
        TYPE part[ROWS][CHUNK];                                                                                     \
        for (Py_ssize_t at = 0; at < values; at += CHUNK) {                                                         \
            int here = chunk_size(at, values);                                                                      \
            for (int k = 0; k < ROWS; k++) DOWN(part[k], r, cell + (k < rows ? k : 0), at, here);                   \
            for (int i = 0; i < here; i++)                                                                          \
                for (int k = 0; k < ROWS; k++) wide[(at + i) * ROWS + k] = part[k][i];                              \
        }                                                                                                           \
        ALONG(r, wide, cells);                                                                                      \
    }

FOR_EACH_PROCESSOR
static void reduce_float(const Reduction *r, Py_ssize_t cell, int rows, int is_maximum, float *wide, float *cells) {
    Py_ssize_t values = r->columns * r->channels;
    int many_down = is_many(r->rows, r->cell_rows), many_along = is_many(r->columns, r->cell_columns);
    if (is_maximum) REDUCE_ROWS(float, largest_down_float, largest_along_float)
    else if (many_down && many_along) REDUCE_ROWS(float, many_means_down_float, means_along_float_exactly)
    else if (many_down) REDUCE_ROWS(float, many_means_down_float, means_along_float)
    else if (many_along) REDUCE_ROWS(float, means_down_float, means_along_float_exactly)
    else REDUCE_ROWS(float, means_down_float, means_along_float)
}

FOR_EACH_PROCESSOR
static void reduce_double(const Reduction *r, Py_ssize_t cell, int rows, int is_maximum, double *wide, double *cells) {
    Py_ssize_t values = r->columns * r->channels;
    if (is_maximum) REDUCE_ROWS(double, largest_down_double, largest_along_double)
    else REDUCE_ROWS(double, means_down_double, means_along_double)
}

/* Rows of cells that were interleaved, each to its place. */
#define SEPARATE(TYPE)                                                                                              \
    for (int k = 0; k < rows; k++) {                                                                                \
        TYPE *to = (TYPE *)cells->data + (cell + k) * cells->strides[0];                                            \
        for (Py_ssize_t i = 0; i < cell_line; i++) to[i] = ((const TYPE *)narrow)[i * ROWS + k];                    \
    }

static PyObject *reduce(PyObject *self, PyObject *args) {
    (void)self;
    PyObject *objects[3], *result = NULL;
    Py_ssize_t start, stop;
    int is_maximum;
    Array arrays[3] = {0};
    Array *pixels = &arrays[0], *cells = &arrays[1], *scratch = &arrays[2];
    if (!PyArg_ParseTuple(args, "OOOnnp", &objects[0], &objects[1], &objects[2], &start, &stop, &is_maximum))
        return NULL;
    char format = format_of(objects[0], "pixels", NUMBERS);
    if (format == '\0' || array_hold(pixels, objects[0], "pixels", format, 3, READ) < 0) goto done;
    if (array_hold(cells, objects[1], "cells", format == 'd' ? 'd' : 'f', 3, WRITE) < 0) goto done;
    if (array_hold(scratch, objects[2], "scratch", 'd', 1, WRITE) < 0) goto done;
    Reduction r = {.data = pixels->data, .format = format, .item_size = pixels->buffer.itemsize};
    r.row_stride = pixels->strides[0], r.pixel_stride = pixels->strides[1];
    r.rows = pixels->shape[0], r.columns = pixels->shape[1], r.channels = pixels->shape[2];
    r.cell_rows = cells->shape[0], r.cell_columns = cells->shape[1];
    Py_ssize_t line = r.columns * r.channels, cell_line = r.cell_columns * r.channels;
    if (cells->shape[2] != r.channels || (r.cell_columns > 1 && cells->strides[1] != r.channels)) {
        refuse("the channels of the cells are not those of the pixels, one after the other");
        goto done;
    }
    if (r.cell_rows < 1 || r.cell_rows > r.rows || r.cell_columns < 1 || r.cell_columns > r.columns) {
        refuse("there are no cells, or more than pixels");
        goto done;
    }
    if (r.rows > INT32_MAX || r.columns > INT32_MAX) { /* the product with the cells is to be a number */
        refuse("there are too many pixels in a row or column");
        goto done;
    }
    if (start < 0 || start > stop || stop > r.cell_rows) {
        refuse("the rows of cells from start to stop are not there");
        goto done;
    }
    if (scratch->shape[0] < ROWS * (line + cell_line) + 2 * r.cell_columns) {
        refuse("the scratch is too small");
        goto done;
    }
    double *wide = scratch->data, *narrow = wide + ROWS * line;
    double *first_shares = narrow + ROWS * cell_line, *last_shares = first_shares + r.cell_columns;
    r.first_shares = first_shares, r.last_shares = last_shares;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t cell = 0; cell < r.cell_columns; cell++) {
        Py_ssize_t first = first_pixel(cell, r.columns, r.cell_columns);
        Py_ssize_t last = last_pixel(cell, r.columns, r.cell_columns);
        first_shares[cell] = share(first, cell, r.columns, r.cell_columns);
        last_shares[cell] = share(last, cell, r.columns, r.cell_columns);
    }
    for (Py_ssize_t cell = start; cell < stop; cell += ROWS) {
        int rows = (int)(stop - cell < ROWS ? stop - cell : ROWS);
        if (format == 'd') {
            reduce_double(&r, cell, rows, is_maximum, wide, narrow);
            SEPARATE(double)
        } else {
            reduce_float(&r, cell, rows, is_maximum, (float *)wide, (float *)narrow);
            SEPARATE(float)
        }
    }
    Py_END_ALLOW_THREADS
    result = Py_NewRef(Py_None);
done:
    arrays_release(arrays, 3);
    return result;
}

/* -- bytes --------------------------------------------------------------------------------------------------------- */

/* From here on, as OpenCV was compiled: a position is rounded once where the processor can. */
FUSE_PRODUCTS_AND_SUMS

typedef struct {
    double low, high;
    int absolute, in_double;
    const uint8_t *colours; /* 256 of three bytes, or NULL */
    int is_packed;          /* a pixel is one number, 0xffRRGGBB, as most screens have it */
} Paint;

/* Where values stand between the levels, 0 to 255; NaN stands anywhere. Returns whether all are finite. */
INLINED int place_floats(const Paint *paint, float *values, int count) {
    double per_unit = 255.0 / (paint->high - paint->low);
    float low = (float)paint->low, high = (float)paint->high;
    float scale = (float)per_unit, shift = (float)(-paint->low * per_unit);
    int32_t bad = 0;
    for (int i = 0; i < count; i++) {
        float value = paint->absolute ? fabsf(values[i]) : values[i];
        bad |= !(fabsf(value) <= FLT_MAX);
        value = value > low ? value : low;
        value = value < high ? value : high;
        values[i] = fabsf(value * scale + shift);
    }
    return !bad;
}

INLINED int place_doubles(const Paint *paint, float *places, const double *values, int count) {
    int64_t bad = 0;
    for (int i = 0; i < count; i++) {
        double value = paint->absolute ? fabs(values[i]) : values[i];
        bad |= !is_number(value);
        value = value > paint->low ? value : paint->low;
        value = value < paint->high ? value : paint->high;
        float share = (float)((value - paint->low) / (paint->high - paint->low));
        places[i] = share * 255;
    }
    return !bad;
}

/* Half to even: so far from 0, the last digit of a float is a whole number. */
INLINED void round_places(uint8_t *to, const float *places, int count) {
    for (int i = 0; i < count; i++) {
        float far = (places[i] < 255 ? places[i] : 255) + 8388608.0f;
        uint32_t bits;
        memcpy(&bits, &far, sizeof bits);
        to[i] = (uint8_t)bits;
    }
}

/* Three bytes a pixel; four are written, of which the next pixel overwrites the last. */
INLINED void map_colours(uint8_t *to, const uint8_t *greys, int count, const uint32_t *colours, int is_last) {
    for (int i = 0; i < count - is_last; i++) memcpy(to + 3 * i, &colours[greys[i]], 4);
    if (is_last) memcpy(to + 3 * (count - 1), &colours[greys[count - 1]], 3);
}

INLINED uint32_t packed(const uint8_t *colour) {
    return 0xff000000u | (uint32_t)colour[0] << 16 | (uint32_t)colour[1] << 8 | colour[2];
}

FOR_EACH_PROCESSOR
static int paint_values(const Paint *paint, uint8_t *to, const void *values, char format, Py_ssize_t count) {
    double doubles[CHUNK];
    float places[CHUNK];
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
        if (paint->in_double) {
            load_double(doubles, values, format, at, here, 1);
            are_finite &= place_doubles(paint, places, doubles, here);
        } else {
            load_float(places, values, format, at, here, 1);
            are_finite &= place_floats(paint, places, here);
        }
        int are_ready = !paint->colours && !paint->is_packed;
        round_places(are_ready ? to + at : bytes, places, here);
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
    char format = format_of(objects[0], "values", NUMBERS);
    char to_format = format_of(objects[1], "to", "BI");
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
    Py_BEGIN_ALLOW_THREADS
    are_finite = paint_values(&how, to->data, array->data, format, array->shape[0] * array->shape[1]);
    Py_END_ALLOW_THREADS
    result = PyBool_FromLong(are_finite);
done:
    arrays_release(arrays, 3);
    return result;
}

PyMethodDef display_methods[] = {
    {"extent", extent, METH_VARARGS, NULL},
    {"histogram", histogram, METH_VARARGS, NULL},
    {"beyond", beyond, METH_VARARGS, NULL},
    {"reduce", reduce, METH_VARARGS, NULL},
    {"paint", paint, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
