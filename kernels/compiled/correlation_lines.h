/* Lines of pixels, brought to the type of the sums, padded, and taken apart. Part of correlation_loops.h. */

/* Part of a row of pixels, `step` apart, each with `values` neighbouring values. Loops for one step are vectorised; of
   three or four values, four are copied at a time, of which the next pixel overwrites one too many. */
#define DEFINE_COPY(SOURCE, LETTER)                                                                              \
    typedef SOURCE NAME(Pixel_##LETTER)                                                                          \
        __attribute__((vector_size(4 * sizeof(SOURCE)), aligned(sizeof(SOURCE)), may_alias));                    \
    INLINED void NAME(copy_##LETTER)(TYPE *restrict to, const SOURCE *restrict from, Py_ssize_t count,           \
                                     Py_ssize_t step, Py_ssize_t values) {                                       \
        Py_ssize_t n = 0;                                                                                        \
        int is_small = (values == 3 || values == 4) && step > values;                                            \
        if (step == values)                                                                                      \
            for (; n < count * values; n++) to[n] = (TYPE)from[n];                                               \
        else if (values == 1 && step == 2)                                                                       \
            for (; n < count; n++) to[n] = (TYPE)from[2 * n];                                                    \
        else if (values == 1 && step == 3)                                                                       \
            for (; n < count; n++) to[n] = (TYPE)from[3 * n];                                                    \
        else if (values == 1 && step == 4)                                                                       \
            for (; n < count; n++) to[n] = (TYPE)from[4 * n];                                                    \
        else if (values == 1)                                                                                    \
            _Pragma("GCC unroll 8")                                                                              \
            for (; n < count; n++) to[n] = (TYPE)from[n * step];                                                 \
        else {                                                                                                   \
            for (; is_small && n < count - 1; n++)                                                               \
                *(NAME(Pixel) *)(to + n * values) =                                                              \
                    __builtin_convertvector(*(const NAME(Pixel_##LETTER) *)(from + n * step), NAME(Pixel));      \
            for (; n < count; n++)                                                                               \
                for (Py_ssize_t v = 0; v < values; v++) to[n * values + v] = (TYPE)from[n * step + v];           \
        }                                                                                                        \
    }
typedef TYPE NAME(Pixel) __attribute__((vector_size(4 * sizeof(TYPE)), aligned(sizeof(TYPE)), may_alias));
DEFINE_COPY(uint8_t, B)
DEFINE_COPY(uint16_t, H)
DEFINE_COPY(float, f)
DEFINE_COPY(double, d)
#undef DEFINE_COPY

INLINED void NAME(copy)(const Task *task, TYPE *to, Py_ssize_t from, Py_ssize_t count, Py_ssize_t step) {
    const void *pixels = task->pixels.data;
    Py_ssize_t values = task->values;
    if (task->format == 'B') NAME(copy_B)(to, (const uint8_t *)pixels + from, count, step, values);
    else if (task->format == 'H') NAME(copy_H)(to, (const uint16_t *)pixels + from, count, step, values);
    else if (task->format == 'f') NAME(copy_f)(to, (const float *)pixels + from, count, step, values);
    else NAME(copy_d)(to, (const double *)pixels + from, count, step, values);
}

/* Take apart neighbouring pixels, those with an even number and those with an odd one. */
INLINED void NAME(part)(TYPE *restrict even, TYPE *restrict odd, const TYPE *restrict from, Py_ssize_t count) {
    for (Py_ssize_t n = 0; n < count / 2; n++) even[n] = from[2 * n], odd[n] = from[2 * n + 1];
    if (count % 2) even[count / 2] = from[count - 1];
}

/* Add |x| of neighbouring pixels to sums, and copy them, if `to` is not null. */
INLINED void NAME(measure)(TYPE *to, const TYPE *from, Py_ssize_t count, VECTOR sums[MEASURED]) {
    /* Where the last vector has some that were in the one before, they do not count again. */
    static const BITS COUNTS[2 * LANES] = {[LANES ... 2 * LANES - 1] = SIZE_BITS};
    Py_ssize_t n = 0;
#define TAKE(AT, PART, COUNTED)                                        \
    {                                                                  \
        VECTOR pixels = *(const VECTOR_ANYWHERE *)(from + AT);         \
        if (to) *(VECTOR_ANYWHERE *)(to + AT) = pixels;                \
        sums[PART] += (VECTOR)((NAME(Bits))pixels & COUNTED);          \
    }
    for (; n + MEASURED * LANES <= count; n += MEASURED * LANES)
#pragma GCC unroll 8
        for (int part = 0; part < MEASURED; part++) TAKE(n + part * LANES, part, SIZE_BITS)
    for (; n + LANES <= count; n += LANES) TAKE(n, 0, SIZE_BITS)
    if (n < count && count >= LANES) {
        TAKE(count - LANES, 1, *(const NAME(UnalignedBits) *)(COUNTS + count - n))
        return;
    }
#undef TAKE
    for (; n < count; n++) {
        if (to) to[n] = from[n];
        sums[0][0] += fabs(from[n]);
    }
}

/* One line with its padding. Where there are `sums`, all of its pixels are under taps and of the type of sums, and |x|
   of each is added to them. Pixels that no tap meets together under the stride across stand apart, as phases of the
   line, and so do the channels that the kernel sums over: what a tap looks at lies side by side. */
INLINED void NAME(load)(const Task *task, TYPE *line, Py_ssize_t row, VECTOR *sums) {
    Py_ssize_t source = ((const int64_t *)task->rows.data)[row], stride = task->stride[1], values = task->values;
    const int64_t *beside = task->beside.data;
    Py_ssize_t across = task->pixels.strides[1], left = task->left, inside = task->inside;
    Py_ssize_t outside = task->columns - inside;
    if (source < 0) {
        for (Py_ssize_t n = 0; n < task->length; n++) line[n] = (TYPE)task->border_value;
        if (sums) sums[0][0] += (TYPE)(task->length * fabs(task->border_value));
        return;
    }
    int is_copied = 0;
    if (sums) {
        const TYPE *pixels = (const TYPE *)task->pixels.data + source * task->pixels.strides[0];
        int is_plain = stride == 1 && task->groups == 1, is_halved = stride == 2 && across == 1;
        if (is_halved)
            NAME(part)(line + left % 2 * task->span + left / 2, line + (left + 1) % 2 * task->span + (left + 1) / 2,
                       pixels, inside);
        NAME(measure)(is_plain ? line + left * values : NULL, pixels, inside * across, sums);
        is_copied = is_plain || is_halved;
    }
    for (Py_ssize_t number = 0; number < task->phases; number++)
        for (Py_ssize_t group = 0; group < task->groups; group++) {
            Py_ssize_t phase = remainder_of(number * task->dilation[1], stride);
            Py_ssize_t from = source * task->pixels.strides[0] + group;
            TYPE *to = line + (number * task->groups + group) * task->span;
            Py_ssize_t begin = left > phase ? quotient(left - phase + stride - 1, stride) : 0; /* of the picture's */
            Py_ssize_t column = begin * stride + phase - left;
            Py_ssize_t count = column < inside ? quotient(inside - 1 - column, stride) + 1 : 0;
            TYPE *first = to + begin * values;
            if (!is_copied) NAME(copy)(task, first, from + column * across, count, stride * across);
            for (Py_ssize_t n = (begin + count) * values; n < task->span; n++) to[n] = 0;
            for (Py_ssize_t n = 0; n < outside; n++) {
                Py_ssize_t at = n < left ? n : n + inside;
                if (remainder_of(at, stride) != phase) continue;
                TYPE *place = to + quotient(at, stride) * values;
                int is_near = stride == 1 && beside[n] < inside; /* it has been read */
                if (beside[n] >= 0 && !is_near) NAME(copy)(task, place, from + beside[n] * across, 1, values);
                else
                    for (Py_ssize_t v = 0; v < values; v++)
                        place[v] = beside[n] < 0 ? (TYPE)task->border_value : first[beside[n] * values + v];
                for (Py_ssize_t v = 0; sums && v < values; v++) sums[0][0] += fabs(place[v]);
            }
        }
}
