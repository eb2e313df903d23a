/* Sliding one kernel over planes. */
#include "core.h"

PyMethodDef correlation_methods[] = {{NULL, NULL, 0, NULL}};
