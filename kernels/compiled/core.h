/* What the C files share: arrays handed in by Python, and how their loops are compiled. */
#ifndef KERNELSCOPE_CORE_H
#define KERNELSCOPE_CORE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* A loop is compiled for three generations of processors, and the loader takes the newest that it runs on. A function
   that is marked so must find everything it calls inlined. */
#if defined(__x86_64__) && defined(__ELF__) && defined(__GNUC__) && (!defined(__clang__) || __clang_major__ >= 14)
#define HAS_PROCESSOR_KINDS
#define FOR_EACH_PROCESSOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FOR_EACH_PROCESSOR
#endif
#define INLINED static inline __attribute__((always_inline))

/* A file whose sums may fuse a product and its sum into one rounding begins with this. Elsewhere every operation is
   rounded, as NumPy does it. */
#if defined(__clang__)
#define FUSE_PRODUCTS_AND_SUMS _Pragma("STDC FP_CONTRACT ON")
#elif defined(__GNUC__)
#define FUSE_PRODUCTS_AND_SUMS _Pragma("GCC optimize(\"fp-contract=fast\")")
#else
#define FUSE_PRODUCTS_AND_SUMS
#endif

#define MOST_AXES 4

/* An array of Python's, held until it is released. */
typedef struct {
    Py_buffer buffer;
    void *data;
    Py_ssize_t shape[MOST_AXES];
    Py_ssize_t strides[MOST_AXES]; /* in items */
} Array;

enum access { READ, WRITE };

/* The struct format of an array's items, or 0 with an exception if it is none of those known. */
char array_format(PyObject *object, const char *name, const char *known);

/* Hold `object`, which must be an array of `axes` axes whose items have the struct format `format`, and whose last
   axis is contiguous. Returns 0, or -1 with an exception that names it. */
int array_hold(Array *array, PyObject *object, const char *name, char format, int axes, enum access access);

/* The same for planes (h, w, channels); of a single one the last axis may be left out. */
int array_hold_planes(Array *array, PyObject *object, const char *name, char format, enum access access);

/* Release `count` arrays; those that were zeroed and never held may be among them. */
void arrays_release(Array *arrays, int count);

/* Raise ValueError with a sentence, and return -1. */
int refuse(const char *sentence);

#endif
