/* The module `kernels.compiled._core`. */
#include "core.h"

#include <stdint.h>
#include <string.h>

int refuse(const char *sentence) {
    PyErr_SetString(PyExc_ValueError, sentence);
    return -1;
}

char array_format(PyObject *object, const char *name, const char *known) {
    Py_buffer buffer;
    if (PyObject_GetBuffer(object, &buffer, PyBUF_STRIDES | PyBUF_FORMAT) < 0) return 0;
    const char *found = buffer.format ? buffer.format : "B";
    char format = found[0] != '\0' && found[1] == '\0' && strchr(known, found[0]) ? found[0] : '\0';
    if (format == '\0') PyErr_Format(PyExc_ValueError, "%s has items %s; one of %s is needed", name, found, known);
    PyBuffer_Release(&buffer);
    return format;
}

static int hold(Array *array, PyObject *object, const char *name, char format, int axes, enum access access,
                int may_lack_one) {
    int flags = PyBUF_STRIDES | PyBUF_FORMAT | (access == WRITE ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, &array->buffer, flags) < 0) return -1;
    const Py_buffer *buffer = &array->buffer;
    const char *found = buffer->format ? buffer->format : "B";
    int lacks_one = may_lack_one && buffer->ndim == axes - 1;
    if (found[0] != format || found[1] != '\0' || (buffer->ndim != axes && !lacks_one) || axes > MOST_AXES) {
        PyErr_Format(PyExc_ValueError, "%s has %d axes of items %s; %d axes of items %c are needed", name, buffer->ndim,
                     found, axes, format);
        return -1;
    }
    if ((uintptr_t)buffer->buf % buffer->itemsize != 0) {
        PyErr_Format(PyExc_ValueError, "the items of %s are not aligned", name);
        return -1;
    }
    array->data = buffer->buf;
    array->shape[axes - 1] = array->strides[axes - 1] = 1;
    for (int axis = 0; axis < buffer->ndim; axis++) {
        Py_ssize_t stride = buffer->strides[axis];
        int is_last = axis == axes - 1;
        if (stride % buffer->itemsize != 0 || (is_last && buffer->shape[axis] > 1 && stride != buffer->itemsize)) {
            PyErr_Format(PyExc_ValueError, "the last axis of %s is not contiguous", name);
            return -1;
        }
        array->shape[axis] = buffer->shape[axis];
        array->strides[axis] = stride / buffer->itemsize;
    }
    return 0;
}

int array_hold(Array *array, PyObject *object, const char *name, char format, int axes, enum access access) {
    return hold(array, object, name, format, axes, access, 0);
}

int array_hold_planes(Array *array, PyObject *object, const char *name, char format, enum access access) {
    return hold(array, object, name, format, 3, access, 1);
}

void arrays_release(Array *arrays, int count) {
    for (int i = 0; i < count; i++) PyBuffer_Release(&arrays[i].buffer);
}

extern PyMethodDef correlation_methods[], layer_methods[], gradient_methods[], counting_methods[],
    reduction_methods[], display_methods[];

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_core",
    .m_doc = "Loops in C; `kernels.compiled` says how they are found.",
    .m_size = -1,
};

PyMODINIT_FUNC PyInit__core(void) {
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) return NULL;
    PyMethodDef *tables[] = {correlation_methods, layer_methods, gradient_methods,
                             counting_methods,    reduction_methods, display_methods};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (PyModule_AddFunctions(module, tables[i]) < 0) goto failed;
    PyObject *sources = PyLong_FromUnsignedLong(SOURCES);
    if (sources == NULL || PyModule_AddObjectRef(module, "SOURCES", sources) < 0) {
        Py_XDECREF(sources);
        goto failed;
    }
    Py_DECREF(sources);
    return module;
failed:
    Py_DECREF(module);
    return NULL;
}
