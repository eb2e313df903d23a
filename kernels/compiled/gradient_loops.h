/* Loops over gradients in one precision; `gradient.c` includes this for float and again for double. */

/* Write the magnitude of `count` gradients: 0 where it is not above `tolerance`, NaN where a component is not finite. */
INLINED void NAME(measure)(const TYPE *gx, const TYPE *gy, Py_ssize_t count, enum norm norm, TYPE tolerance,
                           TYPE *magnitude) {
    for (Py_ssize_t i = 0; i < count; i++) {
        const TYPE x = gx[i], y = gy[i], u = fabs(x), v = fabs(y);
        const TYPE size = norm == L2 ? sqrt(x * x + y * y) : norm == L1 ? u + v : u > v ? u : v;
        const int is_finite = (u <= LARGEST) & (v <= LARGEST);
        magnitude[i] = is_finite ? (size > tolerance ? size : 0) : (TYPE)NAN;
    }
}

/* Write where the magnitudes `level` of a row are largest along the gradient, see `kernels.gradients.edges.ridges`. The
   rows of magnitudes have an entry more at both ends. */
INLINED void NAME(thin_row)(const TYPE *above, const TYPE *level, const TYPE *below, const TYPE *gx, const TYPE *gy,
                            Py_ssize_t width, TYPE stride_y, TYPE stride_x, TYPE least, unsigned char *ridge) {
    const TYPE lowest = least > 0 ? least : SMALLEST;
    for (Py_ssize_t j = 0; j < width; j++) {
        const TYPE x = gx[j] / stride_x, y = gy[j] / stride_y, u = fabs(x), v = fabs(y);
        const int is_flat = u >= v, turns = (x < 0) != (y < 0);
        const TYPE share = (is_flat ? v : u) / (is_flat ? u : v);
        /* A step to the right or, where the slope is steep, down, and a step back: each between two neighbours. */
        const TYPE next = is_flat ? level[j + 1] : below[j], last = is_flat ? level[j - 1] : above[j];
        const TYPE up_right = above[j + 1], down_left = below[j - 1];
        const TYPE next_corner = turns ? (is_flat ? up_right : down_left) : below[j + 1];
        const TYPE last_corner = turns ? (is_flat ? down_left : up_right) : above[j - 1];
        const TYPE there = (next_corner - next) * share + next, back = (last_corner - last) * share + last;
        const int rises = (is_flat ? x : y) > 0;
        const TYPE uphill = rises ? there : back, downhill = rises ? back : there;
        const TYPE here = level[j], slack = here * (TIE * ROUNDING);
        ridge[j] = (here >= lowest) & (uphill <= here + slack) & (downhill < here - slack);
    }
}

/* Thin the rows from `top` on. `rows` is room for three rows of magnitudes with zeros around them. */
INLINED void NAME(thin)(const Array *magnitude, const Array *gx, const Array *gy, Py_ssize_t top, TYPE stride_y,
                        TYPE stride_x, TYPE least, TYPE *rows, const Array *ridge) {
    const Py_ssize_t height = magnitude->shape[0], width = magnitude->shape[1], room = width + 2;
    memset(rows, 0, 3 * room * sizeof(TYPE));
    for (Py_ssize_t i = 0; i < ridge->shape[0] + 2; i++) { /* once the row below has come, a row is thinned */
        const Py_ssize_t coming = top - 1 + i;
        TYPE *below = rows + i % 3 * room + 1;
        if (coming < 0 || coming >= height)
            memset(below, 0, width * sizeof(TYPE));
        else
            memcpy(below, ROW(magnitude, coming, TYPE), width * sizeof(TYPE));
        if (i < 2) continue;
        const TYPE *above = rows + (i - 2) % 3 * room + 1, *level = rows + (i - 1) % 3 * room + 1;
        const TYPE *across = ROW(gx, i - 2, TYPE), *down = ROW(gy, i - 2, TYPE);
        unsigned char *out = ROW(ridge, i - 2, unsigned char);
        if (stride_y == 1 && stride_x == 1)
            NAME(thin_row)(above, level, below, across, down, width, 1, 1, least, out);
        else
            NAME(thin_row)(above, level, below, across, down, width, stride_y, stride_x, least, out);
    }
}

/* Tell candidates of at least `high` from those that wait for one of these beside them, of at least `low`. */
INLINED void NAME(divide)(const unsigned char *candidates, const TYPE *magnitude, Py_ssize_t count, TYPE low, TYPE high,
                          unsigned char *waiting, unsigned char *found) {
    for (Py_ssize_t i = 0; i < count; i++) {
        const unsigned char is_asked = candidates[i] & (magnitude[i] >= low), is_high = magnitude[i] >= high;
        found[i] = is_asked & is_high;
        waiting[i] = is_asked & !is_high;
    }
}
