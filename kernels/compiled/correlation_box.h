/* Equal weights: sums that run on, down from line to line and across from column to column. Part of
   correlation_loops.h, and included with it for sums in doubles: in floats the roundings would add up. */

/* Add a line that enters the windows to the sums of columns, take away one that leaves them, if any, and add |x| of what
   enters to `size`. */
#define DEFINE_SLIDE(SOURCE, LETTER)                                                                                 \
    typedef SOURCE NAME(Some_##LETTER)                                                                               \
        __attribute__((vector_size(LANES * sizeof(SOURCE)), aligned(sizeof(SOURCE)), may_alias));                    \
    INLINED void NAME(slide_##LETTER)(TYPE *sums, const SOURCE *enters, const SOURCE *leaves, Py_ssize_t count,      \
                                      VECTOR *size) {                                                                \
        Py_ssize_t n = 0;                                                                                            \
        for (; n + LANES <= count; n += LANES) {                                                                     \
            VECTOR more = __builtin_convertvector(*(const NAME(Some_##LETTER) *)(enters + n), VECTOR);               \
            *size += (VECTOR)((NAME(Bits))more & SIZE_BITS);                                                         \
            if (leaves) more -= __builtin_convertvector(*(const NAME(Some_##LETTER) *)(leaves + n), VECTOR);         \
            *(VECTOR_ANYWHERE *)(sums + n) += more;                                                                  \
        }                                                                                                            \
        for (; n < count; n++) {                                                                                     \
            (*size)[0] += fabs((TYPE)enters[n]);                                                                     \
            sums[n] += (TYPE)enters[n] - (leaves ? (TYPE)leaves[n] : 0);                                             \
        }                                                                                                            \
    }
DEFINE_SLIDE(float, f)
DEFINE_SLIDE(double, d)
#undef DEFINE_SLIDE

/* The columns of the picture in a line, copied to `line`. */
INLINED void NAME(read_inside)(const Task *task, TYPE *line, Py_ssize_t source) {
    Py_ssize_t across = task->pixels.strides[1];
    if (source >= 0) NAME(copy)(task, line, source * task->pixels.strides[0], task->inside, across);
    else
        for (Py_ssize_t n = 0; n < task->inside * task->values; n++) line[n] = task->border_value;
}

/* Bring the sums of columns from the windows of one output row to those of the next: a line enters and another leaves,
   or none does where `leaving` is -1. `room` is for two lines. */
INLINED void NAME(slide)(const Task *task, TYPE *sums, Py_ssize_t entering, Py_ssize_t leaving, TYPE *room,
                         Py_ssize_t pitch, VECTOR *size) {
    const int64_t *rows = task->rows.data, *beside = task->beside.data;
    Py_ssize_t values = task->values, count = task->inside * values, down = task->pixels.strides[0];
    Py_ssize_t enters = rows[entering], leaves = leaving < 0 ? 0 : rows[leaving];
    TYPE *to = sums + task->left * values;
    int is_there = enters >= 0 && leaves >= 0 && task->pixels.strides[1] == values;
    if (is_there && task->format == 'f') {
        const float *pixels = task->pixels.data;
        NAME(slide_f)(to, pixels + enters * down, leaving < 0 ? NULL : pixels + leaves * down, count, size);
    } else if (is_there && task->format == 'd') {
        const double *pixels = task->pixels.data;
        NAME(slide_d)(to, pixels + enters * down, leaving < 0 ? NULL : pixels + leaves * down, count, size);
    } else {
        NAME(read_inside)(task, room, enters);
        if (leaving >= 0) NAME(read_inside)(task, room + pitch, leaves);
        NAME(slide_d)(to, room, leaving < 0 ? NULL : room + pitch, count, size);
    }
    for (Py_ssize_t n = 0; n < task->columns - task->inside; n++) {
        TYPE *place = sums + (n < task->left ? n : n + task->inside) * values;
        if (beside[n] < 0) (*size)[0] += fabs(task->border_value);
        for (Py_ssize_t v = 0; v < values; v++)
            place[v] = beside[n] < 0 ? task->down.shape[1] * task->border_value : to[beside[n] * values + v];
    }
}

/* Sums of `wide` neighbouring sums of columns, each at the last of them; returns in which of the two rooms they are. All
   three have zeros before them. A sum is the one before and what it has more: so none grows with the line, as sums from
   its beginning would. For a vector of sums at a time, it is the one so many places before, and what these had more. */
INLINED TYPE *NAME(run_on)(const TYPE *sums, TYPE *room, TYPE *other, Py_ssize_t length, Py_ssize_t values,
                           Py_ssize_t wide) {
    for (Py_ssize_t n = 0; n < length; n += LANES)
        *(VECTOR_ANYWHERE *)(room + n) =
            *(const VECTOR_ANYWHERE *)(sums + n) - *(const VECTOR_ANYWHERE *)(sums + n - wide * values);
    Py_ssize_t span = values;
    for (; span % LANES != 0; span *= 2) {
        for (Py_ssize_t n = 0; n < length; n += LANES)
            *(VECTOR_ANYWHERE *)(other + n) =
                *(const VECTOR_ANYWHERE *)(room + n) + *(const VECTOR_ANYWHERE *)(room + n - span);
        TYPE *swapped = room;
        room = other, other = swapped;
    }
    VECTOR last = {0};
    for (Py_ssize_t n = 0; n < length; n += LANES) {
        VECTOR_ANYWHERE *at = (VECTOR_ANYWHERE *)(room + n);
        if (span != LANES) last = *(const VECTOR_ANYWHERE *)(room + n - span);
        *at = last += *at;
    }
    return room;
}

/* The whole task. */
TARGET static double NAME(box)(const Task *task) {
    Py_ssize_t pitch = task->scratch.strides[0], values = task->values, length = task->length;
    Py_ssize_t width = task->out.shape[1] * values, high = task->down.shape[1], wide = task->across.shape[1];
    TYPE weight = *(const TYPE *)task->down.data * *(const TYPE *)task->across.data;
    /* One rounding more than a division has is lost in the one to float. */
    TYPE factor = weight / task->divisor;
    int is_short = task->out_format == 'f' && !task->rounds_back && task->offset == 0 && isfinite(factor);
    TYPE *lines[3]; /* of sums, with zeros before them */
    for (int n = 0; n < 3; n++) {
        TYPE *line = (TYPE *)task->scratch.data + n * pitch;
        lines[n] = line + box_margin(task);
        for (Py_ssize_t at = 0; at < box_margin(task) + length + SLACK; at++) line[at] = 0;
    }
    TYPE *room = (TYPE *)task->scratch.data + 3 * pitch;
    VECTOR size = {0};
    for (Py_ssize_t row = 0; row < task->out.shape[0]; row++) {
        if (row > 0) NAME(slide)(task, lines[0], row + high - 1, row - 1, room, pitch, &size);
        else
            for (Py_ssize_t line = 0; line < high; line++) NAME(slide)(task, lines[0], line, -1, room, pitch, &size);
        TYPE *sums = NAME(run_on)(lines[0], lines[1], lines[2], length, values, wide) + (wide - 1) * values;
        Py_ssize_t at = row * task->out.strides[0];
        if (is_short) {
            float *out = (float *)task->out.data + at;
            for (Py_ssize_t n = 0; n < width; n++) out[n] = (float)(sums[n] * factor + 0.0); /* turns -0.0 into 0.0 */
            continue;
        }
        for (Py_ssize_t n = 0; n < width; n++) sums[n] = sums[n] * weight + 0.0;
        if (task->out_format == 'f') NAME(finish_f)(task, (float *)task->out.data + at, sums, width);
        else NAME(finish_d)(task, (double *)task->out.data + at, sums, width);
    }
    double total = 0;
    for (Py_ssize_t lane = 0; lane < LANES; lane++) total += size[lane];
    return total;
}
