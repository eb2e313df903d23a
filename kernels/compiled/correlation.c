/* Sliding one kernel over planes: the pixels are read as they are, padded line by line, and each is used for all that
   it is needed for while it is near. */
#include "threads.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

FUSE_PRODUCTS_AND_SUMS

/* Output rows that are computed together, and the most vectors of neighbouring places. */
#define ROWS_AT_ONCE 4
#define MOST_VECTORS 8
/* A vector wider than the processor's own would be torn apart, so the loops are there for each width. */
#if defined(__x86_64__) && defined(__ELF__) && defined(__GNUC__) && !defined(__clang__)
#define HAS_WIDER_VECTORS
#endif
/* Has a vector loaded once, into a register, instead of anew for each use: most lie across two lines of the cache. */
#if defined(__x86_64__) && defined(__GNUC__)
#define KEEP(vector) __asm__("" : "+v"(vector))
#else
#define KEEP(vector) ((void)0)
#endif
/* Windows that share few columns are added up so many together; of their taps across so many, and these are the most
   across and down. */
#define WINDOWS 8
#define AT_ONCE 8
#define MOST_TAPS 16
#define MOST_ROWS 64
/* Vectors of sums when the magnitude is measured. */
#define MEASURED 4
/* Values that the loops may read, but not use, behind a line. */
#define SLACK 128

typedef struct {
    Array pixels;   /* (height, width, channels) */
    Array rows;     /* for each line, which row of the pixels it is; -1: the border value */
    Array beside;   /* for the columns left of the picture, and right of it, which column they are like */
    Array down;     /* (1, rows, taps), or (terms, rows, 1) for a separable kernel */
    Array across;   /* (terms, taps) for a separable kernel */
    Array scratch;  /* (lines, values), of one thread */
    Array out;      /* (height, width, channels) */
    Py_ssize_t left, stride[2], dilation[2];
    double border_value, divisor, offset;
    double factor; /* what gives the same as the divisor, which is a power of two and takes longer; else 0 */
    int is_box, rounds_back, measures;

    char format, out_format; /* of the pixels and of the output */
    int is_separable, is_single, is_same_type;
    int is_apart; /* windows share few columns, and those of a row are so few that each is read as vectors */
    Py_ssize_t terms, capacity;
    Py_ssize_t values;  /* neighbouring values of a pixel that are filtered alike */
    Py_ssize_t groups;  /* values of a pixel that have their own weights */
    Py_ssize_t columns; /* of a line with its padding */
    Py_ssize_t inside;  /* columns of the picture that are among them */
    Py_ssize_t phases;  /* of the columns, under the stride, that some tap meets */
    Py_ssize_t span;    /* values in one phase of a line */
    Py_ssize_t length;  /* values in a line */
    Py_ssize_t output_step, row_step; /* output rows so far apart have windows on the same lines, so many taps apart */
    Py_ssize_t *offsets;
} Task;

/* Most strides are 1, and a division takes long. */
INLINED Py_ssize_t quotient(Py_ssize_t a, Py_ssize_t b) { return b == 1 ? a : a / b; }
INLINED Py_ssize_t remainder_of(Py_ssize_t a, Py_ssize_t b) { return b == 1 ? 0 : a % b; }
INLINED Py_ssize_t least(Py_ssize_t a, Py_ssize_t b) { return a < b ? a : b; }

/* Where sums for so many neighbouring places begin, the last of them with the width, if they may be written twice. */
INLINED Py_ssize_t place(Py_ssize_t x, Py_ssize_t count, Py_ssize_t width, int adds) {
    return adds || x + count <= width || count > width ? x : width - count;
}

/* Whether a line is under a tap of a window; a stride may leave lines out. */
INLINED int is_line_met(const Task *task, Py_ssize_t line) {
    if (task->stride[0] == 1) return 1;
    for (Py_ssize_t tap = 0; tap < task->down.shape[1]; tap++) {
        Py_ssize_t window = line - tap * task->dilation[0];
        if (window >= 0 && window % task->stride[0] == 0 && window / task->stride[0] < task->out.shape[0]) return 1;
    }
    return 0;
}

/* Zeros before the sums of a box, as many as one is taken away or added again behind; of doubles a vector has 8 at
   most. */
INLINED Py_ssize_t box_margin(const Task *task) {
    Py_ssize_t taps = task->across.shape[1];
    return (taps > 8 ? taps : 8) * task->values;
}

#define TYPE float
#define TYPE_FORMAT 'f'
#define BITS int32_t
#define SIZE_BITS INT32_MAX
#define BLOCK 128
#define BYTES 16
#define TARGET
#define NAME(x) x##_in_floats
#include "correlation_loops.h"
#ifdef HAS_WIDER_VECTORS
#define BYTES 32
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define NAME(x) x##_in_floats_v3
#include "correlation_loops.h"
#define BYTES 64
#define TARGET __attribute__((target("arch=x86-64-v4")))
#define NAME(x) x##_in_floats_v4
#include "correlation_loops.h"
#endif
#undef TYPE
#undef TYPE_FORMAT
#undef BITS
#undef SIZE_BITS
#undef BLOCK

#define TYPE double
#define TYPE_FORMAT 'd'
#define BITS int64_t
#define SIZE_BITS INT64_MAX
#define BLOCK PY_SSIZE_T_MAX
#define BYTES 16
#define TARGET
#define NAME(x) x##_in_doubles
#include "correlation_loops.h"
#ifdef HAS_WIDER_VECTORS
#define BYTES 32
#define TARGET __attribute__((target("arch=x86-64-v3")))
#define NAME(x) x##_in_doubles_v3
#include "correlation_loops.h"
#define BYTES 64
#define TARGET __attribute__((target("arch=x86-64-v4")))
#define NAME(x) x##_in_doubles_v4
#include "correlation_loops.h"
#endif

/* Run the loops for the widest vectors that the processor has. */
static double run(const Task *task) {
#ifdef HAS_WIDER_VECTORS
    if (__builtin_cpu_supports("x86-64-v4"))
        return task->is_box ? box_in_doubles_v4(task)
               : task->is_single ? correlate_in_floats_v4(task)
                             : correlate_in_doubles_v4(task);
    if (__builtin_cpu_supports("x86-64-v3"))
        return task->is_box ? box_in_doubles_v3(task)
               : task->is_single ? correlate_in_floats_v3(task)
                             : correlate_in_doubles_v3(task);
#endif
    return task->is_box ? box_in_doubles(task)
           : task->is_single ? correlate_in_floats(task)
                         : correlate_in_doubles(task);
}

static Py_ssize_t common(Py_ssize_t a, Py_ssize_t b) { return b == 0 ? a : common(b, a % b); }

/* Pixels under `count` windows of `taps` taps along an axis. The arguments are below 2^31, or the result is too. */
static Py_ssize_t reach(Py_ssize_t count, Py_ssize_t stride, Py_ssize_t taps, Py_ssize_t dilation) {
    return (count - 1) * stride + (taps - 1) * dilation + 1;
}

static int is_whole_block(const Array *array, int axes) {
    Py_ssize_t size = 1;
    for (int axis = axes - 1; axis >= 0; axis--) {
        if (array->shape[axis] > 1 && array->strides[axis] != size) return 0;
        size *= array->shape[axis];
    }
    return 1;
}

/* Work out what follows from the arguments, and refuse any that would reach beyond an array. So many output rows are
   computed at a time. */
static int prepare(Task *task, Py_ssize_t at_a_time) {
    const Py_ssize_t LARGE = (Py_ssize_t)1 << 30;
    const Py_ssize_t *out = task->out.shape, *pixels = task->pixels.shape, *down = task->down.shape;
    for (int axis = 0; axis < 2; axis++) {
        if (task->stride[axis] < 1 || task->dilation[axis] < 1 || task->stride[axis] >= LARGE ||
            task->dilation[axis] >= LARGE)
            return refuse("strides and dilations are from 1 to 2^30");
        if (out[axis] < 1 || out[axis] >= LARGE || pixels[axis] < 1 || pixels[axis] >= LARGE)
            return refuse("the pixels and the output have from 1 to 2^30 rows and columns");
    }
    if (pixels[2] < 1 || pixels[2] >= LARGE || down[0] < 1 || down[0] >= LARGE || down[1] < 1 || down[1] >= LARGE ||
        down[2] < 1 || down[2] >= LARGE)
        return refuse("the pixels and the weights have from 1 to 2^30 channels, terms, rows and taps");
    if (!is_whole_block(&task->down, 3) || (task->is_separable && !is_whole_block(&task->across, 2)))
        return refuse("weights are contiguous");
    if (task->pixels.strides[2] != 1 && pixels[2] > 1) return refuse("the channels of a pixel are contiguous");
    if (out[1] > 1 && task->out.strides[1] != out[2]) return refuse("the rows of the output are contiguous");

    task->terms = down[0];
    if (task->is_separable) {
        if (task->across.shape[0] != down[0] || task->across.shape[1] < 1 || task->across.shape[1] >= LARGE ||
            down[2] != 1)
            return refuse("a separable kernel has a column and a row for each of its terms");
        if (out[2] != pixels[2]) return refuse("the output has as many channels as the pixels");
        if (task->is_box && (down[0] != 1 || task->is_single || task->stride[0] != 1 || task->stride[1] != 1 ||
                             task->dilation[0] != 1 || task->dilation[1] != 1))
            return refuse("sums run on in float64, for a box, without stride or dilation");
        task->groups = 1;
    } else {
        if (task->is_box) return refuse("a box is separable");
        if (down[0] != 1) return refuse("weights are those of one kernel");
        if (out[2] != pixels[2] && out[2] != 1)
            return refuse("the output has as many channels as the pixels, or one");
        task->groups = out[2] == pixels[2] ? 1 : pixels[2];
        if (down[2] % task->groups != 0) return refuse("there is a weight for every channel under every tap");
    }
    task->values = out[2];
    Py_ssize_t taps = (task->is_separable ? task->across.shape[1] : down[2]) / task->groups;

    if (down[1] == 1) task->dilation[0] = 1;
    if (taps == 1) task->dilation[1] = 1;
    Py_ssize_t lines = reach(out[0], task->stride[0], down[1], task->dilation[0]);
    task->columns = reach(out[1], task->stride[1], taps, task->dilation[1]);
    /* For strides up to 4 it is faster to set the phases of a line apart, as it is for single columns, and where
       windows share so many pixels that to read each once, and all of a phase together, is worth more. */
    Py_ssize_t vectors = down[1] * ((taps - 1) / AT_ONCE + 1);
    task->is_apart = !task->is_separable && pixels[2] == 1 && task->dilation[1] == 1 && task->stride[1] > 4 &&
                     taps > 1 && taps <= MOST_TAPS && down[1] <= MOST_ROWS &&
                     5 * vectors + 20 < 4 * least(task->stride[0], down[1]) * least(task->stride[1], taps);
    if (task->rows.shape[0] < lines) return refuse("there are fewer rows than windows have");
    if (task->left < 0 || task->left > task->columns) return refuse("left is a number of columns");
    task->inside = least(pixels[1], task->columns - task->left);
    if (task->beside.shape[0] != task->columns - task->inside)
        return refuse("beside has an index for each column that is outside the picture");
    for (Py_ssize_t line = 0; line < lines; line++) {
        int64_t row = ((const int64_t *)task->rows.data)[line];
        if (row < -1 || row >= pixels[0]) return refuse("rows has an index that is no row");
    }
    for (Py_ssize_t n = 0; n < task->beside.shape[0]; n++) {
        int64_t column = ((const int64_t *)task->beside.data)[n];
        if (column < -1 || column >= (task->is_box ? task->inside : pixels[1]))
            return refuse("beside has an index that is no column");
    }

    Py_ssize_t shared = common(task->stride[0], task->dilation[0]);
    task->output_step = task->dilation[0] / shared;
    task->row_step = task->stride[0] / shared;
    Py_ssize_t period = task->stride[1] / common(task->stride[1], task->dilation[1]);
    task->phases = least(period, taps);
    task->span = ((task->columns - 1) / task->stride[1] + 1) * task->values;
    Py_ssize_t width = out[1] * task->values, pitch = task->scratch.shape[1];
    if (pitch > task->scratch.strides[0] || pitch >= LARGE || task->phases * task->groups > LARGE / task->span)
        return refuse("a line is longer than 2^30 values");
    task->length = task->phases * task->groups * task->span;
    task->capacity = (task->scratch.shape[0] - 1 - ROWS_AT_ONCE) / task->terms;
    Py_ssize_t at_once = reach(least(ROWS_AT_ONCE * task->output_step, at_a_time), task->stride[0], down[1],
                               task->dilation[0]);
    if (pitch < task->length + (task->is_box ? box_margin(task) : 0) + SLACK || pitch < width + SLACK ||
        task->scratch.shape[0] < 1 + ROWS_AT_ONCE || (!task->is_box && task->capacity < least(at_once, lines)))
        return refuse("scratch is too small");

    task->offsets = PyMem_Malloc(taps * task->groups * sizeof *task->offsets);
    if (task->offsets == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t tap = 0; tap < taps; tap++)
        for (Py_ssize_t group = 0; group < task->groups; group++)
            task->offsets[tap * task->groups + group] = (tap % period * task->groups + group) * task->span +
                                                        tap * task->dilation[1] / task->stride[1] * task->values;
    return 0;
}

/* Return one over a divisor where that is as exact in any type, and it is not 1. */
static double factor_for(double divisor) {
    int exponent;
    int is_power = fabs(frexp(divisor, &exponent)) == 0.5 && exponent > -100 && exponent < 100;
    return is_power && divisor != 1 ? 1 / divisor : 0;
}

/* Strips of output rows, which threads share. */
typedef struct {
    const Task *task;
    const Array *rooms; /* (threads, lines, values) */
    Py_ssize_t rows;    /* of a strip */
    double *magnitudes;
} Strips;

static void *behind(const Array *array, Py_ssize_t items) {
    return (char *)array->data + items * array->buffer.itemsize;
}

static void run_strip(void *given, Py_ssize_t number, int thread) {
    const Strips *strips = given;
    Task part = *strips->task;
    Py_ssize_t first = number * strips->rows;
    part.rows.data = behind(&part.rows, first * part.stride[0]);
    part.out.data = behind(&part.out, first * part.out.strides[0]);
    part.out.shape[0] = least(strips->rows, part.out.shape[0] - first);
    part.scratch.data = behind(strips->rooms, thread * strips->rooms->strides[0]);
    strips->magnitudes[number] = run(&part);
}

/* Run all strips, and return what each has measured. */
static PyObject *run_strips(const Task *task, const Array *rooms, Py_ssize_t rows) {
    Py_ssize_t count = (task->out.shape[0] - 1) / rows + 1;
    Strips strips = {task, rooms, rows, PyMem_New(double, count)};
    if (strips.magnitudes == NULL) return PyErr_NoMemory();
    Py_BEGIN_ALLOW_THREADS
    share_out((int)least(rooms->shape[0], count), count, run_strip, &strips);
    Py_END_ALLOW_THREADS
    PyObject *result = PyTuple_New(count);
    for (Py_ssize_t number = 0; result != NULL && number < count; number++) {
        PyObject *magnitude = PyFloat_FromDouble(strips.magnitudes[number]);
        if (magnitude == NULL) Py_CLEAR(result);
        else PyTuple_SET_ITEM(result, number, magnitude);
    }
    PyMem_Free(strips.magnitudes);
    return result;
}

static PyObject *correlate(PyObject *module, PyObject *arguments) {
    (void)module;
    Task task = {0};
    Array rooms = {0};
    Py_ssize_t strip_rows;
    PyObject *pixels, *rows, *beside, *down, *across, *scratch, *out, *result = NULL;
    if (!PyArg_ParseTuple(arguments, "OOOndOOp(nn)(nn)ddppnOO:correlate", &pixels, &rows, &beside, &task.left,
                          &task.border_value, &down, &across, &task.is_box, &task.stride[0], &task.stride[1],
                          &task.dilation[0], &task.dilation[1], &task.divisor, &task.offset, &task.rounds_back,
                          &task.measures, &strip_rows, &scratch, &out))
        return NULL;
    task.factor = factor_for(task.divisor);
    char index = sizeof(long) == sizeof(int64_t) ? 'l' : 'q', type = array_format(down, "down", "fd");
    task.format = type ? array_format(pixels, "pixels", "BHfd") : 0;
    task.out_format = task.format ? array_format(out, "out", "fd") : 0;
    if (!task.out_format) return NULL;
    task.is_separable = across != Py_None, task.is_single = type == 'f';
    task.is_same_type = type == task.out_format;
    if (array_hold_planes(&task.pixels, pixels, "pixels", task.format, READ) == 0 &&
        array_hold(&task.rows, rows, "rows", index, 1, READ) == 0 &&
        array_hold(&task.beside, beside, "beside", index, 1, READ) == 0 &&
        array_hold(&task.down, down, "down", type, 3, READ) == 0 &&
        (!task.is_separable || array_hold(&task.across, across, "across", type, 2, READ) == 0) &&
        array_hold(&rooms, scratch, "scratch", type, 3, WRITE) == 0 &&
        array_hold_planes(&task.out, out, "out", task.out_format, WRITE) == 0) {
        for (int axis = 0; axis < 2; axis++)
            task.scratch.shape[axis] = rooms.shape[axis + 1], task.scratch.strides[axis] = rooms.strides[axis + 1];
        if (rooms.shape[0] < 1 || strip_rows < 1) refuse("there are strips of a row at least, and scratch for a thread");
        else if (!is_whole_block(&rooms, 3)) refuse("scratch is contiguous");
        else if (prepare(&task, least(strip_rows, task.out.shape[0])) == 0) result = run_strips(&task, &rooms, strip_rows);
    }
    PyMem_Free(task.offsets);
    Array *held[] = {&task.pixels, &task.rows, &task.beside, &task.down, &task.across, &rooms, &task.out};
    for (size_t n = 0; n < sizeof held / sizeof *held; n++) arrays_release(held[n], 1);
    return result;
}

PyMethodDef correlation_methods[] = {
    {"correlate", correlate, METH_VARARGS, "See `_core.pyi`."},
    {NULL, NULL, 0, NULL},
};
