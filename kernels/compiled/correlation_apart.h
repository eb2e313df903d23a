/* Windows that share few columns, as a stride leaves them: a row of each is read as vectors where it is. Part of
   correlation_loops.h, and included with it for each type of sums and kind of processor. */

typedef TYPE NAME(Row) __attribute__((vector_size(AT_ONCE * sizeof(TYPE)), aligned(sizeof(TYPE)), may_alias));
typedef BITS NAME(RowBits) __attribute__((vector_size(AT_ONCE * sizeof(TYPE)), aligned(sizeof(TYPE)), may_alias));
#define ROW NAME(Row)

/* Add a row of each of `count` neighbouring windows, `stride` apart, to their sums. Lanes behind taps hold anything.
   As a stride leaves lines out, the processor does not foresee the line `below` that the next output row reads. */
#define DEFINE_ADD(SOURCE, LETTER)                                                                                 \
    typedef SOURCE NAME(Pixels_##LETTER)                                                                           \
        __attribute__((vector_size(AT_ONCE * sizeof(SOURCE)), aligned(sizeof(SOURCE)), may_alias));              \
    INLINED void NAME(add_##LETTER)(ROW *sums, ROW *magnitudes, int measures, const TYPE *weights,                 \
                                    const SOURCE *from, Py_ssize_t stride, Py_ssize_t below, int count) {          \
        NAME(RowBits) sizes = (NAME(RowBits)){0} + (measures ? SIZE_BITS : 0);                                     \
        _Pragma("GCC unroll 8")                                                                                    \
        for (int n = 0; n < count; n++, from += stride) {                                                          \
            ROW pixels = __builtin_convertvector(*(const NAME(Pixels_##LETTER) *)from, ROW);                       \
            __builtin_prefetch(from + below);                                                                      \
            magnitudes[n % MEASURED] += (ROW)((NAME(RowBits))pixels & sizes);                                      \
            sums[n] += pixels * *(const ROW *)weights;                                                             \
        }                                                                                                          \
    }
DEFINE_ADD(uint8_t, B)
DEFINE_ADD(uint16_t, H)
DEFINE_ADD(float, f)
DEFINE_ADD(double, d)
DEFINE_ADD(TYPE, own)
#undef DEFINE_ADD

/* The row of a window that begins at column `begin` of the line and is not within the picture. */
INLINED void NAME(read_beside)(const Task *task, TYPE *pixels, Py_ssize_t source, Py_ssize_t begin) {
    const int64_t *beside = task->beside.data;
    Py_ssize_t taps = task->down.shape[2], left = task->left, right = left + task->inside;
    Py_ssize_t row = source * task->pixels.strides[0], across = task->pixels.strides[1];
    Py_ssize_t first = begin > left ? begin : left, count = least(begin + taps, right) - first;
    if (source >= 0 && count > 0)
        NAME(copy)(task, pixels + first - begin, row + (first - left) * across, count, across);
    for (Py_ssize_t at = begin; at < begin + taps; at++, pixels++) {
        if (source >= 0 && at >= left && at < right) continue;
        int64_t column = at < left ? beside[at] : at < right ? -1 : beside[at - task->inside];
        if (source < 0 || column < 0) *pixels = (TYPE)task->border_value;
        else NAME(copy)(task, pixels, row + column * across, 1, 1);
    }
}

/* The sums of `count` neighbouring windows: a row of each is a vector, whose lanes are added up at last. */
INLINED void NAME(sum_windows)(const Task *task, TYPE *into, Py_ssize_t row, Py_ssize_t x, int is_inside,
                               ROW *magnitudes, int count) {
    const void *data = task->pixels.data;
    Py_ssize_t stride = task->stride[1], kernel_rows = task->down.shape[1], taps = task->down.shape[2];
    Py_ssize_t across = task->pixels.strides[0], below = task->stride[0] * across;
    const TYPE *weights = task->scratch.data;
    ROW sums[WINDOWS];
#pragma GCC unroll 8
    for (int n = 0; n < count; n++) sums[n] = (ROW){0};
#define ADD(SOURCE, LETTER) \
    NAME(add_##LETTER)(sums, magnitudes, measures, by, (const SOURCE *)data + from + at, stride, below, count)
    for (Py_ssize_t tap = 0; tap < taps; tap += AT_ONCE) {
        Py_ssize_t at = least(tap, taps > AT_ONCE ? taps - AT_ONCE : 0); /* the last vector ends with the row */
        const TYPE *by = weights + tap;
        for (Py_ssize_t number = 0; number < kernel_rows; number++, by += task->scratch.strides[0]) {
            Py_ssize_t source = ((const int64_t *)task->rows.data)[row * task->stride[0] + number * task->dilation[0]];
            Py_ssize_t from = source * across + x * stride - task->left;
            /* A line that is in the window of an earlier output row too has been measured. */
            int measures = row < task->output_step || number + task->row_step >= kernel_rows;
            if (!is_inside || source < 0) {
                TYPE beside[WINDOWS * MOST_TAPS];
                memset(beside, 0, count * MOST_TAPS * sizeof(TYPE));
                for (int n = 0; n < count; n++)
                    NAME(read_beside)(task, beside + n * MOST_TAPS, source, (x + n) * stride);
                NAME(add_own)(sums, magnitudes, measures, by, beside + at, MOST_TAPS, 0, count);
            } else if (task->format == 'B') ADD(uint8_t, B);
            else if (task->format == 'H') ADD(uint16_t, H);
            else if (task->format == 'f') ADD(float, f);
            else ADD(double, d);
        }
    }
#undef ADD
#pragma GCC unroll 8
    for (int n = 0; n < count; n++) {
        TYPE lanes[AT_ONCE], total = 0;
        *(ROW *)lanes = sums[n];
        for (Py_ssize_t tap = 0; tap < taps && tap < AT_ONCE; tap++) total += lanes[tap];
        into[x + n] = total;
    }
}

/* The whole task where windows share few columns: their rows are read where they are. */
INLINED double NAME(correlate_apart)(const Task *task) {
    Py_ssize_t pitch = task->scratch.strides[0], kernel_rows = task->down.shape[1], taps = task->down.shape[2];
    Py_ssize_t width = task->out.shape[1], stride = task->stride[1];
    TYPE *weights = task->scratch.data;
    for (Py_ssize_t n = 0; n < kernel_rows; n++)
        for (Py_ssize_t lane = 0; lane < MOST_TAPS; lane++) {
            /* The last vector of a row ends with it; taps that were in the one before do not count again. */
            Py_ssize_t tap = taps > AT_ONCE && lane >= AT_ONCE ? lane - 2 * AT_ONCE + taps : lane;
            int counts = tap < taps && tap >= lane / AT_ONCE * AT_ONCE;
            weights[n * pitch + lane] = counts ? ((const TYPE *)task->down.data)[n * taps + tap] : 0;
        }
    /* Windows with as many pixels of the picture as a vector has lanes. */
    Py_ssize_t first = (task->left + stride - 1) / stride, room = task->left + task->pixels.shape[1];
    room -= taps > AT_ONCE ? taps : AT_ONCE;
    Py_ssize_t end = room < 0 || task->pixels.strides[1] != 1 ? 0 : room / stride + 1;

    ROW magnitudes[MEASURED] = {{0}};
    for (Py_ssize_t row = 0; row < task->out.shape[0]; row++) {
        Py_ssize_t at = row * task->out.strides[0];
        TYPE *into = task->is_same_type ? (TYPE *)task->out.data + at : weights + kernel_rows * pitch;
        for (Py_ssize_t x = 0, count; x < width; x += count) {
            Py_ssize_t more = x < first ? 0 : least(width, end) - x;
            count = more >= WINDOWS ? WINDOWS : more >= WINDOWS / 2 ? WINDOWS / 2 : 1;
            if (count == WINDOWS) NAME(sum_windows)(task, into, row, x, 1, magnitudes, WINDOWS);
            else if (count > 1) NAME(sum_windows)(task, into, row, x, 1, magnitudes, WINDOWS / 2);
            else NAME(sum_windows)(task, into, row, x, more > 0, magnitudes, 1);
        }
        if (task->out_format == 'f') NAME(finish_f)(task, (float *)task->out.data + at, into, width);
        else NAME(finish_d)(task, (double *)task->out.data + at, into, width);
    }
    double total = 0;
    for (int part = 0; part < MEASURED; part++)
        for (Py_ssize_t tap = 0; tap < taps && tap < AT_ONCE; tap++) total += magnitudes[part][tap];
    return total;
}

#undef ROW
