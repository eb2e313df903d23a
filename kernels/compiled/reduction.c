/* Fewer pixels: the mean or the largest of what each covers. */
#include "values.h"

#include <string.h>

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
    char format = array_format(objects[0], "pixels", NUMBERS);
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

PyMethodDef reduction_methods[] = {
    {"reduce", reduce, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
