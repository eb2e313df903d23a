/* Layers of a network: pooling, and banks of filters. */
#include "threads.h"
#include "values.h"

#include <stdatomic.h>

/* Threads share rows in parts, at most so many. */
#define MOST_PARTS 16

typedef struct {
    Py_ssize_t first, end;
} Rows;

static Py_ssize_t parts_of(Py_ssize_t rows) { return rows < MOST_PARTS ? rows : MOST_PARTS; }

static Rows rows_of(Py_ssize_t part, Py_ssize_t rows) {
    const Py_ssize_t parts = parts_of(rows), each = rows / parts, more = rows % parts;
    const Py_ssize_t first = part * each + (part < more ? part : more);
    return (Rows){first, first + each + (part < more)};
}

/* ---- Pooling. Every operation is rounded, in the order in which NumPy does them. ---- */

enum pooling { LARGEST, WEIGHTED };

typedef struct {
    const float *down, *across; /* the weights of the window's rows and columns */
    Py_ssize_t rows, columns, step_down, step_across;
} Pool;

INLINED float first_of(float value, float weight, enum pooling kind) {
    return kind == WEIGHTED ? value * weight : value;
}

INLINED float joined(float so_far, float value, float weight, enum pooling kind) {
    if (kind == WEIGHTED) return so_far + value * weight;
    return value > so_far || value != value ? value : so_far; /* a NaN stays */
}

/* Pool one row of windows: down at every place into `lines`, then across. */
INLINED void pool_row(const float *from, Py_ssize_t line, float *lines, float *into, Py_ssize_t windows, const Pool at,
                      enum pooling kind) {
    const Py_ssize_t wide = (windows - 1) * at.step_across + at.columns;
    for (Py_ssize_t x = 0; x < wide; x++) lines[x] = first_of(from[x], at.down[0], kind);
    for (Py_ssize_t tap = 1; tap < at.rows; tap++)
        for (Py_ssize_t x = 0; x < wide; x++) lines[x] = joined(lines[x], from[tap * line + x], at.down[tap], kind);
    for (Py_ssize_t j = 0; j < windows; j++) into[j] = first_of(lines[j * at.step_across], at.across[0], kind);
    for (Py_ssize_t tap = 1; tap < at.columns; tap++)
        for (Py_ssize_t j = 0; j < windows; j++)
            into[j] = joined(into[j], lines[j * at.step_across + tap], at.across[tap], kind);
}

/* The same, with the usual window as constants that the compiler knows. */
INLINED void pool_usual_row(const float *from, Py_ssize_t line, float *lines, float *into, Py_ssize_t windows, Pool at,
                            enum pooling kind) {
    if (at.rows == 2 && at.columns == 2 && at.step_across == 2) {
        at.rows = at.columns = at.step_across = 2;
        pool_row(from, line, lines, into, windows, at, kind);
    } else pool_row(from, line, lines, into, windows, at, kind);
}

FOR_EACH_PROCESSOR static void pool_all(const Array *from, float *lines, const Array *into, Pool at,
                                        enum pooling kind) {
    const Py_ssize_t windows = into->shape[2], line = from->strides[1];
    for (Py_ssize_t plane = 0; plane < into->shape[0]; plane++)
        for (Py_ssize_t i = 0; i < into->shape[1]; i++) {
            const float *first = (float *)from->data + plane * from->strides[0] + i * at.step_down * line;
            float *result = (float *)into->data + plane * into->strides[0] + i * into->strides[1];
            if (kind == WEIGHTED) pool_usual_row(first, line, lines, result, windows, at, WEIGHTED);
            else pool_usual_row(first, line, lines, result, windows, at, LARGEST);
        }
}

/* Whether `count` windows of so many taps, a `step` apart, lie within `length`. */
static int fit(Py_ssize_t count, Py_ssize_t step, Py_ssize_t taps, Py_ssize_t length) {
    return step >= 1 && taps >= 1 && taps <= length && (count <= 1 || step <= (length - taps) / (count - 1));
}

static PyObject *pool(PyObject *Py_UNUSED(module), PyObject *arguments) {
    enum { MAPS, DOWN, ACROSS, LINES, INTO, COUNT };
    PyObject *objects[COUNT];
    Array arrays[COUNT] = {0};
    Pool at;
    int is_weighted;
    if (!PyArg_ParseTuple(arguments, "OOOnnpOO", &objects[MAPS], &objects[DOWN], &objects[ACROSS], &at.step_down,
                          &at.step_across, &is_weighted, &objects[LINES], &objects[INTO]))
        return NULL;
    static const struct {
        const char *name;
        int axes;
        enum access access;
    } kinds[] = {{"maps", 3, READ}, {"down", 1, READ}, {"across", 1, READ}, {"lines", 1, WRITE}, {"into", 3, WRITE}};
    int failed = 0;
    for (int i = 0; i < COUNT && !failed; i++)
        failed = array_hold(&arrays[i], objects[i], kinds[i].name, 'f', kinds[i].axes, kinds[i].access);
    if (!failed) {
        const Py_ssize_t *maps = arrays[MAPS].shape, *into = arrays[INTO].shape;
        at.rows = arrays[DOWN].shape[0], at.columns = arrays[ACROSS].shape[0];
        at.down = arrays[DOWN].data, at.across = arrays[ACROSS].data;
        if (maps[0] != into[0]) failed = refuse("maps and into must have the same planes");
        else if (!fit(into[1], at.step_down, at.rows, maps[1]) || !fit(into[2], at.step_across, at.columns, maps[2]))
            failed = refuse("the windows must lie on the maps");
        else if (arrays[LINES].shape[0] < maps[2])
            failed = refuse("lines must have room for a line of the maps");
    }
    if (!failed && arrays[INTO].shape[2] > 0) {
        Py_BEGIN_ALLOW_THREADS
        pool_all(&arrays[MAPS], arrays[LINES].data, &arrays[INTO], at, is_weighted ? WEIGHTED : LARGEST);
        Py_END_ALLOW_THREADS
    }
    arrays_release(arrays, COUNT);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

/* ---- Phases: every so many columns of each line side by side, so that windows have no stride across. ---- */

/* Steps from one value to the next that are usual, as constants that the compiler knows. */
INLINED void load_usual(float *to, const void *from, char format, Py_ssize_t at, int count, Py_ssize_t step) {
    switch (step) {
        case 1: load_float(to, from, format, at, count, 1); break;
        case 2: load_float(to, from, format, at, count, 2); break;
        case 3: load_float(to, from, format, at, count, 3); break;
        case 6: load_float(to, from, format, at, count, 6); break;
        default: load_float(to, from, format, at, count, step);
    }
}

/* A piece of a line, so short that it stays in the fastest cache, is read for each channel and phase. */
#define PIECE 256

FOR_EACH_PROCESSOR static void phases_of_rows(const Array *planes, char format, const Array *into, Rows rows) {
    const Py_ssize_t *size = into->shape, step = size[2], width = planes->shape[2], apart = planes->strides[2];
    for (Py_ssize_t y = rows.first; y < rows.end; y++)
        for (Py_ssize_t x = 0; x < size[3]; x += PIECE)
            for (Py_ssize_t channel = 0; channel < size[0]; channel++) {
                const Py_ssize_t line = channel * planes->strides[0] + y * planes->strides[1];
                float *to = (float *)into->data + channel * into->strides[0] + y * into->strides[1] + x;
                for (Py_ssize_t column = x * step; column < width && column < (x + 1) * step; column++) {
                    const Py_ssize_t left = (width - 1 - column) / step + 1;
                    const int count = (int)(left < PIECE ? left : PIECE);
                    load_usual(to, planes->data, format, line + column * apart, count, step * apart);
                    to += into->strides[2];
                }
            }
}

typedef struct {
    const Array *planes, *into;
    char format;
} Phases;

static void do_phases(void *task, Py_ssize_t part, int Py_UNUSED(thread)) {
    const Phases *all = task;
    phases_of_rows(all->planes, all->format, all->into, rows_of(part, all->into->shape[1]));
}

static PyObject *phases(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *objects[2];
    Array planes = {0}, into = {0};
    int threads;
    if (!PyArg_ParseTuple(arguments, "OOi", &objects[0], &objects[1], &threads)) return NULL;
    const char format = array_format(objects[0], "planes", NUMBERS);
    int failed = format == '\0' || array_hold(&planes, objects[0], "planes", format, 4, READ) ||
                 array_hold(&into, objects[1], "into", 'f', 4, WRITE);
    if (!failed) {
        const Py_ssize_t *from = planes.shape, *to = into.shape;
        if (from[0] != to[0] || from[1] != to[1] || from[3] != 1 || to[2] < 1 ||
            to[3] != from[2] / to[2] + (from[2] % to[2] > 0))
            failed = refuse("into must hold the columns of planes (C, h, w, 1) as (C, h, step, columns of a phase)");
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        share_out(threads, parts_of(into.shape[1]), do_phases, &(Phases){&planes, &into, format});
        Py_END_ALLOW_THREADS
    }
    arrays_release(&planes, 1);
    arrays_release(&into, 1);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

/* ---- Banks of filters: sums of products, fused. ---- */

FUSE_PRODUCTS_AND_SUMS

/* Filters that are summed together, at most; taps whose products are summed before that sum is added to the others',
   so that of thousands of taps the sums lose no more digits than of some hundred. */
#define MOST_FILTERS 8
#define MOST_VECTORS 6
#define TOGETHER 160

/* The accumulators have to stay in registers: there are 32 of 16 numbers with AVX-512, elsewhere 16 of 8 or less. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define WIDE_REGISTERS __attribute__((target("avx512f,fma")))
#define HAS_WIDE_REGISTERS (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("fma"))
#else
#define WIDE_REGISTERS
#define HAS_WIDE_REGISTERS 0
#endif

typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef float v16 __attribute__((vector_size(64), aligned(4), may_alias));

typedef struct {
    const float *from;          /* the corner of the first window */
    const Py_ssize_t *places;   /* of each tap, from there */
    Py_ssize_t taps;
    const float *weights;       /* (taps, size): some filters side by side */
    Py_ssize_t size;
    const float *offsets;       /* of each filter */
    float *into;                /* the first window's sum in the first filter's map */
    Py_ssize_t map;             /* from one map to the next */
    v16 *spoiled;               /* 0 as long as all sums are finite, then NaN */
} Sums;

#define FOR_EACH_SUM for (int f = 0; f < filters; f++) for (int v = 0; v < vectors; v++)
#define SUM_AT(vector, lanes) *(vector *)(at->into + f * at->map + x + v * lanes)

/* Sum the windows that begin at `x`, `vectors` vectors of them side by side, under each of `filters` filters. */
#define DEFINE_TILE(name, vector)                                                                                      \
    INLINED void name(const Sums *at, Py_ssize_t x, const int filters, const int vectors) {                            \
        const Py_ssize_t lanes = sizeof(vector) / sizeof(float);                                                       \
        for (Py_ssize_t first = 0; first < at->taps; first += TOGETHER) {                                              \
            const Py_ssize_t end = first + TOGETHER < at->taps ? first + TOGETHER : at->taps;                          \
            vector sums[MOST_FILTERS][MOST_VECTORS] = {0};                                                             \
            for (Py_ssize_t tap = first; tap < end; tap++) {                                                           \
                const float *pixels = at->from + at->places[tap] + x, *weights = at->weights + tap * at->size;         \
                FOR_EACH_SUM sums[f][v] += weights[f] * *(vector *)(pixels + v * lanes);                               \
            }                                                                                                          \
            if (first > 0) FOR_EACH_SUM sums[f][v] += SUM_AT(vector, lanes);                                           \
            if (end == at->taps) FOR_EACH_SUM sums[f][v] += at->offsets[f];                                            \
            FOR_EACH_SUM SUM_AT(vector, lanes) = sums[f][v];                                                           \
            vector spoiled = {0};                                                                                      \
            FOR_EACH_SUM spoiled += sums[f][v] * 0;                                                                    \
            *(vector *)at->spoiled += spoiled;                                                                         \
        }                                                                                                              \
    }
DEFINE_TILE(tile_single, float)
DEFINE_TILE(tile_narrow, v8)
DEFINE_TILE(tile_wide, v16)

enum registers { SINGLE, NARROW, WIDE };

/* Sum the windows of a row from `next` on by full tiles, and return where the next one would begin. */
INLINED Py_ssize_t sum_tiles(const Sums *at, Py_ssize_t next, Py_ssize_t windows, const int filters, const int vectors,
                             enum registers kind) {
    const Py_ssize_t tile = vectors * (kind == WIDE ? 16 : kind == NARROW ? 8 : 1);
    for (; next + tile <= windows; next += tile)
        if (kind == WIDE) tile_wide(at, next, filters, vectors);
        else if (kind == NARROW) tile_narrow(at, next, filters, vectors);
        else tile_single(at, next, filters, vectors);
    return next;
}

/* Sum a row of windows, in tiles of as many vectors as keep the processor busy and fit into its registers, then of
   fewer. The last tile covers windows of the one before it again, so that it is full too: of few filters a large one,
   for a small one would not keep the processor busy. */
INLINED void sum_row(const Sums *at, Py_ssize_t windows, const int filters, enum registers kind) {
    const int lanes = kind == WIDE ? 16 : 8, vectors = filters == 1 ? 6 : filters == 2 ? 4 : filters < 5 ? 3 : 2;
    if (windows < lanes) {
        sum_tiles(at, 0, windows, filters, 1, SINGLE);
        return;
    }
    const Py_ssize_t large = filters < 4 ? vectors * lanes : windows + 1;
    Py_ssize_t next = sum_tiles(at, 0, windows, filters, vectors, kind);
    if (next < windows && windows >= large) next = sum_tiles(at, windows - large, windows, filters, vectors, kind);
    if (vectors > 2) next = sum_tiles(at, next, windows, filters, 2, kind);
    next = sum_tiles(at, next, windows, filters, 1, kind);
    if (next < windows) sum_tiles(at, windows - lanes, windows, filters, 1, kind);
}

typedef struct {
    Array planes, columns, weights, offsets, into; /* (C, h, w), (kw,), (blocks, taps, size), (F,), (F, H', W') */
    Py_ssize_t step, *places;
    atomic_int is_spoiled; /* whether some sum is not finite */
} Bank;

/* What is summed in row `y` for the filters from `first` on. */
INLINED Sums sums_at(const Bank *bank, Py_ssize_t y, Py_ssize_t first, v16 *spoiled) {
    const Py_ssize_t size = bank->weights.shape[2], taps = bank->weights.shape[1];
    return (Sums){
        .from = (float *)bank->planes.data + y * bank->step * bank->planes.strides[1],
        .places = bank->places,
        .taps = taps,
        .weights = (float *)bank->weights.data + first / size * bank->weights.strides[0] + first % size,
        .size = bank->weights.strides[1],
        .offsets = (float *)bank->offsets.data + first,
        .into = (float *)bank->into.data + first * bank->into.strides[0] + y * bank->into.strides[1],
        .map = bank->into.strides[0],
        .spoiled = spoiled,
    };
}

/* How many filters are summed together from `first` on: at most so many, of one block, about equally many each time. */
INLINED Py_ssize_t filters_from(const Bank *bank, Py_ssize_t first, Py_ssize_t most) {
    const Py_ssize_t size = bank->weights.shape[2], times = (size + most - 1) / most, each = (size + times - 1) / times;
    const Py_ssize_t in_block = size - first % size, left = bank->into.shape[0] - first;
    const Py_ssize_t there = in_block < left ? in_block : left;
    return there < each ? there : each;
}

WIDE_REGISTERS static void bank_wide(const Bank *bank, Rows rows, v16 *spoiled) {
    const Py_ssize_t *size = bank->into.shape;
    for (Py_ssize_t y = rows.first; y < rows.end; y++)
        for (Py_ssize_t first = 0, filters; first < size[0]; first += filters) {
            Sums at = sums_at(bank, y, first, spoiled);
            switch (filters = filters_from(bank, first, 8)) {
                case 1: sum_row(&at, size[2], 1, WIDE); break;
                case 2: sum_row(&at, size[2], 2, WIDE); break;
                case 3: sum_row(&at, size[2], 3, WIDE); break;
                case 4: sum_row(&at, size[2], 4, WIDE); break;
                case 5: sum_row(&at, size[2], 5, WIDE); break;
                case 6: sum_row(&at, size[2], 6, WIDE); break;
                case 7: sum_row(&at, size[2], 7, WIDE); break;
                default: sum_row(&at, size[2], 8, WIDE);
            }
        }
}

FOR_EACH_PROCESSOR static void bank_narrow(const Bank *bank, Rows rows, v16 *spoiled) {
    const Py_ssize_t *size = bank->into.shape;
    for (Py_ssize_t y = rows.first; y < rows.end; y++)
        for (Py_ssize_t first = 0, filters; first < size[0]; first += filters) {
            Sums at = sums_at(bank, y, first, spoiled);
            switch (filters = filters_from(bank, first, 4)) {
                case 1: sum_row(&at, size[2], 1, NARROW); break;
                case 2: sum_row(&at, size[2], 2, NARROW); break;
                case 3: sum_row(&at, size[2], 3, NARROW); break;
                default: sum_row(&at, size[2], 4, NARROW);
            }
        }
}

static void do_bank(void *task, Py_ssize_t part, int Py_UNUSED(thread)) {
    Bank *bank = task;
    const Rows rows = rows_of(part, bank->into.shape[1]);
    v16 spoiled = {0};
    if (HAS_WIDE_REGISTERS && bank->into.shape[2] >= 16) bank_wide(bank, rows, &spoiled);
    else bank_narrow(bank, rows, &spoiled);
    for (int lane = 0; lane < 16; lane++)
        if (spoiled[lane] != 0) bank->is_spoiled = 1;
}

/* Check the extents, and find the place of every tap; `apart` is the dilation down. */
static int bank_prepare(Bank *bank, Py_ssize_t apart) {
    const Py_ssize_t *planes = bank->planes.shape, *weights = bank->weights.shape, *into = bank->into.shape;
    const Py_ssize_t channels = planes[0], across = bank->columns.shape[0], filters = into[0];
    if (weights[2] < 1 || weights[2] > MOST_FILTERS || bank->offsets.shape[0] != filters ||
        weights[0] != (filters + weights[2] - 1) / weights[2])
        return refuse("weights must hold blocks of 1 to 8 filters, with an offset and a map for each filter");
    if (channels < 1 || across < 1 || weights[1] < 1 || weights[1] % (channels * across))
        return refuse("weights must have a tap for each plane, row and column of a window");
    const Py_ssize_t down = weights[1] / (channels * across);
    const int is_far = down > 1 && (apart < 1 || apart > planes[1]); /* so that the product below stays small */
    if (is_far || !fit(into[1], bank->step, (down - 1) * apart + 1, planes[1]))
        return refuse("the windows must lie on the planes");
    const int *columns = bank->columns.data;
    for (Py_ssize_t column = 0; column < across; column++)
        if (columns[column] < 0 || columns[column] > planes[2] - into[2])
            return refuse("the columns of the windows must lie on the planes");
    bank->places = PyMem_New(Py_ssize_t, weights[1]);
    if (bank->places == NULL) return PyErr_NoMemory(), -1;
    for (Py_ssize_t tap = 0; tap < weights[1]; tap++)
        bank->places[tap] = tap / (down * across) * bank->planes.strides[0] +
                            tap / across % down * apart * bank->planes.strides[1] + columns[tap % across];
    return 0;
}

static PyObject *filter_bank(PyObject *Py_UNUSED(module), PyObject *arguments) {
    PyObject *planes, *columns, *weights, *offsets, *into;
    Bank bank = {0};
    Py_ssize_t apart;
    int threads;
    if (!PyArg_ParseTuple(arguments, "OOOOnnOi", &planes, &columns, &weights, &offsets, &bank.step, &apart, &into,
                          &threads))
        return NULL;
    int failed = array_hold(&bank.planes, planes, "planes", 'f', 3, READ) ||
                 array_hold(&bank.columns, columns, "columns", 'i', 1, READ) ||
                 array_hold(&bank.weights, weights, "weights", 'f', 3, READ) ||
                 array_hold(&bank.offsets, offsets, "offsets", 'f', 1, READ) ||
                 array_hold(&bank.into, into, "into", 'f', 3, WRITE) || bank_prepare(&bank, apart);
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        share_out(threads, parts_of(bank.into.shape[1]), do_bank, &bank);
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(bank.places);
    arrays_release(&bank.planes, 5);
    if (failed) return NULL;
    return PyBool_FromLong(!bank.is_spoiled);
}

PyMethodDef layer_methods[] = {
    {"filter_bank", filter_bank, METH_VARARGS, NULL},
    {"phases", phases, METH_VARARGS, NULL},
    {"pool", pool, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};
