/* The loops of correlation.c for one type of sums and one kind of processor, included once for each: TYPE, BITS (an
   integer as large), SIZE_BITS (all of its bits but the sign), BYTES (in a vector), TARGET (what the outer function is
   compiled for), BLOCK (taps that are added up in a row) and NAME(x) (x with all that behind it). */

typedef TYPE NAME(Vector) __attribute__((vector_size(BYTES), may_alias));
typedef TYPE NAME(Unaligned) __attribute__((vector_size(BYTES), aligned(sizeof(TYPE)), may_alias));
typedef BITS NAME(Bits) __attribute__((vector_size(BYTES), may_alias));
typedef BITS NAME(UnalignedBits) __attribute__((vector_size(BYTES), aligned(sizeof(TYPE)), may_alias));
#define VECTOR NAME(Vector)
#define VECTOR_ANYWHERE NAME(Unaligned)
#define LANES ((Py_ssize_t)(BYTES / sizeof(TYPE)))
/* Vectors of sums along a single row; of the widest fewer keep the processor busy, and fewer are in vain at its end. */
#define ALONG (BYTES == 64 ? MOST_VECTORS / 2 : MOST_VECTORS)

/* Weights on lines that are kept in a ring. */
typedef struct {
    const TYPE *lines;
    Py_ssize_t pitch, capacity;
    Py_ssize_t slot;  /* where the line of the first row of weights is, for the first output row */
    Py_ssize_t apart; /* lines from one row of weights to the next */
    Py_ssize_t step;  /* rows of weights from one output row to the next */
    const TYPE *weights;
    Py_ssize_t rows, taps;
    int adds;                  /* whether the sums go on top of what is there */
    TYPE factor;               /* that they are multiplied by then */
    const Py_ssize_t *offsets; /* where in a line the pixels of each tap begin */
} NAME(Window);

/* Add one line to the output rows first .. last; `weights` are those of output row 0, whose window the line may be
   beyond. */
INLINED void NAME(add_line)(VECTOR sums[][MOST_VECTORS], int vectors, const TYPE *line, const Py_ssize_t *offsets,
                            Py_ssize_t taps, const TYPE *weights, Py_ssize_t apart, int first, int last) {
    for (Py_ssize_t tap = 0; tap < taps; tap++) {
        const TYPE *from = line + offsets[tap];
        VECTOR pixels[MOST_VECTORS];
#pragma GCC unroll 8
        for (int n = 0; n < vectors; n++) {
            pixels[n] = *(const VECTOR_ANYWHERE *)(from + n * LANES);
            KEEP(pixels[n]);
        }
#pragma GCC unroll 8
        for (int row = first; row <= last; row++) {
            TYPE weight = weights[tap - row * apart];
#pragma GCC unroll 8
            for (int n = 0; n < vectors; n++) sums[row][n] += weight * pixels[n];
        }
    }
}

/* The sums of up to `most` output rows, at `vectors` vectors of neighbouring places from `x` on, over a block of the
   weights. They stay in registers; a line that several output rows look at is read once. `most` and `vectors` are
   constants, and where `high`, `wide`, `step` and `rows` are, no loop is left. */
INLINED void NAME(tile)(const NAME(Window) *window, Py_ssize_t top, Py_ssize_t left, Py_ssize_t high, Py_ssize_t wide,
                        Py_ssize_t step, Py_ssize_t x, Py_ssize_t width, TYPE *const *into, int rows, const int most,
                        const int vectors) {
    VECTOR sums[ROWS_AT_ONCE][MOST_VECTORS];
#pragma GCC unroll 8
    for (int row = 0; row < most; row++)
#pragma GCC unroll 8
        for (int n = 0; n < vectors; n++) sums[row][n] = (VECTOR){0};

    const TYPE *line = window->lines + window->slot * window->pitch + x;
    const TYPE *beyond = window->lines + window->capacity * window->pitch;
    const Py_ssize_t *offsets = window->offsets + left;
    const TYPE *weights = window->weights + top * window->taps + left;
    Py_ssize_t apart = step * window->taps, end = (rows - 1) * step + high;
    int first = 0, last = -1; /* the output rows whose window the line is in */
#define ADD(FIRST, LAST) \
    if (LAST < most) NAME(add_line)(sums, vectors, line, offsets, wide, weights, apart, FIRST, LAST);
#define NEXT_LINE                                                  \
    weights += window->taps;                                       \
    line += window->apart * window->pitch;                         \
    if (line >= beyond) line -= window->capacity * window->pitch;
#define CASE(FIRST, LAST)                  \
    case FIRST * ROWS_AT_ONCE + LAST:      \
        ADD(FIRST, LAST)                   \
        break;
#define TAKE(NUMBER)                                                             \
    {                                                                            \
        if (last + 1 < rows && NUMBER == (last + 1) * step) last++;              \
        if (NUMBER == first * step + high) first++;                              \
        if (first <= last) switch (first * ROWS_AT_ONCE + last) {                \
                CASE(0, 0) CASE(0, 1) CASE(0, 2) CASE(0, 3) CASE(1, 1)           \
                CASE(1, 2) CASE(1, 3) CASE(2, 2) CASE(2, 3) CASE(3, 3)           \
            }                                                                    \
        NEXT_LINE                                                                \
    }
    if (__builtin_constant_p(end)) {
#pragma GCC unroll 16
        for (Py_ssize_t number = 0; number < end; number++) TAKE(number)
    } else if (most == ROWS_AT_ONCE && rows == most && step == 1 && high >= most) {
        ADD(0, 0) NEXT_LINE ADD(0, 1) NEXT_LINE ADD(0, 2) NEXT_LINE
        for (Py_ssize_t number = most - 1; number < high; number++) {
            ADD(0, 3) NEXT_LINE
        }
        ADD(1, 3) NEXT_LINE ADD(2, 3) NEXT_LINE ADD(3, 3)
    } else
        for (Py_ssize_t number = 0; number < end; number++) TAKE(number)
#undef TAKE
#undef CASE
#undef NEXT_LINE
#undef ADD

    int adds = window->adds || top > 0 || left > 0;
    TYPE factor = window->factor;
    Py_ssize_t room = width - x;
    if (room >= vectors * LANES) {
#pragma GCC unroll 8
        for (int row = 0; row < most; row++)
            if (row < rows)
#pragma GCC unroll 8
                for (int n = 0; n < vectors; n++) {
                    VECTOR_ANYWHERE *to = (VECTOR_ANYWHERE *)(into[row] + x + n * LANES);
                    if (adds) sums[row][n] += *to;
                    *to = sums[row][n] * factor;
                }
        return;
    }
    TYPE rest[MOST_VECTORS * BYTES / sizeof(TYPE)];
#pragma GCC unroll 8
    for (int row = 0; row < most; row++) {
#pragma GCC unroll 8
        for (int n = 0; n < vectors; n++) *(VECTOR_ANYWHERE *)(rest + n * LANES) = sums[row][n];
        if (row < rows)
            for (Py_ssize_t n = 0; n < room; n++)
                into[row][x + n] = (adds ? into[row][x + n] + rest[n] : rest[n]) * factor;
    }
}

/* All sums of up to `most` output rows, block after block: so a sum has few roundings in a row. */
INLINED void NAME(sum_rows)(const NAME(Window) *window, TYPE *const *into, int rows, Py_ssize_t width, const int most,
                            const int vectors) {
/* For the most frequent sizes what to add where is known beforehand. */
#define SMALL(HIGH, WIDE, STEP)                                                                                     \
    if (most == ROWS_AT_ONCE && rows == most && window->step == STEP && window->rows == HIGH &&                     \
        window->taps == WIDE) {                                                                                     \
        for (Py_ssize_t x = 0; x < width; x += vectors * LANES)                                                     \
            NAME(tile)(window, 0, 0, HIGH, WIDE, STEP, place(x, vectors * LANES, width, window->adds), width, into, \
                       most, most, vectors);                                                                        \
        return;                                                                                                     \
    }
    SMALL(2, 2, 1)
    SMALL(3, 3, 1)
    SMALL(5, 5, 1)
    SMALL(3, 1, 1)
    SMALL(5, 1, 1)
    SMALL(3, 3, 2)
#undef SMALL
    Py_ssize_t wide = least(window->taps, BLOCK), high = BLOCK / wide;
    for (Py_ssize_t top = 0; top < window->rows; top += high) {
        NAME(Window) block = *window;
        block.slot = (window->slot + top * window->apart) % window->capacity;
        Py_ssize_t some = least(high, window->rows - top);
        for (Py_ssize_t left = 0; left < window->taps; left += wide) {
            int is_last = top + some == window->rows && left + wide >= window->taps;
            block.factor = is_last ? window->factor : 1;
            for (Py_ssize_t x = 0; x < width; x += vectors * LANES) {
                Py_ssize_t at = place(x, vectors * LANES, width, window->adds || top > 0 || left > 0);
                if (wide == 1)
                    NAME(tile)(&block, top, left, some, 1, window->step, at, width, into, rows, most, vectors);
                else
                    NAME(tile)(&block, top, left, some, least(wide, window->taps - left), window->step, at, width, into,
                               rows, most, vectors);
            }
        }
    }
}

#include "correlation_lines.h"

INLINED double NAME(total)(VECTOR sums[MEASURED]) {
    double total = 0;
    for (int part = 0; part < MEASURED; part++)
        for (Py_ssize_t lane = 0; lane < LANES; lane++) total += sums[part][lane];
    return total;
}

/* Round back, divide and add the offset, and round to the type of the output. */
#define DEFINE_FINISH(OUTPUT, LETTER)                                                                         \
    INLINED void NAME(finish_##LETTER)(const Task *task, OUTPUT *out, const TYPE *sums, Py_ssize_t width) {   \
        double divisor = task->divisor, offset = task->offset;                                                \
        TYPE by = (TYPE)divisor;                                                                              \
        if (task->rounds_back)                                                                                \
            for (Py_ssize_t n = 0; n < width; n++)                                                            \
                out[n] = (OUTPUT)((rint((double)sums[n]) + 0.0) / divisor + offset);                          \
        else if (offset == 0 && task->factor != 0 && sizeof(OUTPUT) == sizeof(TYPE))                          \
            for (Py_ssize_t n = 0; n < width; n++) out[n] = (OUTPUT)(sums[n] * (TYPE)task->factor);           \
        else if (offset == 0 && divisor == 1) {                                                               \
            if ((const void *)out != (const void *)sums)                                                      \
                for (Py_ssize_t n = 0; n < width; n++) out[n] = (OUTPUT)sums[n];                              \
        } else if (offset == 0 && (double)by == divisor && sizeof(OUTPUT) == sizeof(TYPE))                    \
            for (Py_ssize_t n = 0; n < width; n++) out[n] = (OUTPUT)(sums[n] / by);                           \
        else                                                                                                  \
            for (Py_ssize_t n = 0; n < width; n++) out[n] = (OUTPUT)((double)sums[n] / divisor + offset);     \
    }
DEFINE_FINISH(float, f)
DEFINE_FINISH(double, d)
#undef DEFINE_FINISH

#include "correlation_apart.h"

/* The whole task. Lines are loaded, and with a separable kernel filtered along themselves, just before the first
   window that they are in, and stay in the ring until the last one. */
TARGET static double NAME(correlate)(const Task *task) {
    if (task->is_apart) return NAME(correlate_apart)(task);
    TYPE *scratch = task->scratch.data;
    Py_ssize_t pitch = task->scratch.strides[0], capacity = task->capacity, terms = task->terms;
    TYPE *ring = scratch + (1 + ROWS_AT_ONCE) * pitch; /* before it a line as loaded, and sums of another type */
    Py_ssize_t kernel_rows = task->down.shape[1], width = task->out.shape[1] * task->values;
    Py_ssize_t height = task->out.shape[0], stride = task->stride[0], dilation = task->dilation[0];
    int is_separable = task->is_separable, is_same = task->is_same_type;
    int is_scaled = is_same && task->factor != 0 && task->offset == 0 && !task->rounds_back;
    Py_ssize_t zero = 0, loaded = 0;
    VECTOR magnitudes[MEASURED] = {{0}};
    /* Where all are under taps and of the type of the sums, pixels are measured as they are read, else in the line. */
    int is_own = task->format == TYPE_FORMAT && task->pixels.strides[1] == task->values * task->groups &&
                 task->phases == task->stride[1];
    int measures = task->measures && !is_own;
    Py_ssize_t at_once = ROWS_AT_ONCE * task->output_step;
    for (Py_ssize_t block = 0; block < height; block += at_once)
        for (Py_ssize_t phase = 0; phase < task->output_step && block + phase < height; phase++) {
            Py_ssize_t row = block + phase;
            int rows = (int)least(ROWS_AT_ONCE, (height - 1 - row) / task->output_step + 1);
            Py_ssize_t first = row * stride, last = (row + (rows - 1) * task->output_step) * stride;
            last += (kernel_rows - 1) * dilation;
            if (loaded < block * stride) loaded = block * stride;
            Py_ssize_t unmeasured = loaded;
            for (; loaded <= last; loaded++) {
                if (!is_line_met(task, loaded)) continue;
                Py_ssize_t slot = loaded % capacity;
                TYPE *kept = ring + slot * terms * pitch, *line = is_separable ? scratch : kept;
                NAME(load)(task, line, loaded, task->measures && is_own ? magnitudes : NULL);
                if (measures && is_separable) NAME(measure)(NULL, line, task->length, magnitudes);
                for (Py_ssize_t term = 0; is_separable && term < terms; term++) {
                    TYPE *into = kept + term * pitch;
                    NAME(Window) window = {
                        .lines = line, .pitch = pitch, .capacity = 1, .apart = 1, .step = 1,
                        .weights = (const TYPE *)task->across.data + term * task->across.strides[0],
                        .rows = 1, .taps = task->across.shape[1], .factor = 1, .offsets = task->offsets};
                    NAME(sum_rows)(&window, &into, 1, width, 1, ALONG);
                }
            }
            /* A little later than they were written, lines are read from the cache, not from the queue of stores. */
            for (; measures && !is_separable && unmeasured < loaded; unmeasured++)
                if (is_line_met(task, unmeasured))
                    NAME(measure)(NULL, ring + unmeasured % capacity * pitch, task->length, magnitudes);
            TYPE *into[ROWS_AT_ONCE];
            for (int n = 0; n < rows; n++)
                into[n] = is_same ? (TYPE *)task->out.data + (row + n * task->output_step) * task->out.strides[0]
                                  : scratch + (1 + n) * pitch;
            for (Py_ssize_t term = 0; term < terms; term++) {
                NAME(Window) window = {
                    .lines = ring + term * pitch, .pitch = terms * pitch, .capacity = capacity,
                    .slot = first % capacity, .apart = dilation, .step = task->row_step,
                    .weights = (const TYPE *)task->down.data + term * task->down.strides[0],
                    .rows = kernel_rows, .taps = task->down.shape[2], .adds = term > 0,
                    .factor = is_scaled && term == terms - 1 ? (TYPE)task->factor : 1,
                    .offsets = is_separable ? &zero : task->offsets};
                if (kernel_rows > 1) NAME(sum_rows)(&window, into, rows, width, ROWS_AT_ONCE, 2);
                else /* output rows share no line */
                    for (int n = 0; n < rows; n++) {
                        window.slot = (first + n * task->output_step * stride) % capacity;
                        NAME(sum_rows)(&window, into + n, 1, width, 1, ALONG);
                    }
            }
            for (int n = 0; n < rows && !is_scaled; n++) {
                Py_ssize_t at = (row + n * task->output_step) * task->out.strides[0];
                if (task->out_format == 'f') NAME(finish_f)(task, (float *)task->out.data + at, into[n], width);
                else NAME(finish_d)(task, (double *)task->out.data + at, into[n], width);
            }
        }
    return NAME(total)(magnitudes);
}

#if SIZE_BITS == INT64_MAX
#include "correlation_box.h"
#endif

#undef LANES
#undef ALONG
#undef VECTOR
#undef VECTOR_ANYWHERE
#undef NAME
#undef TARGET
#undef BYTES
