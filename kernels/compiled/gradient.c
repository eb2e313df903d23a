/* Gradients: derivatives, magnitude, direction, thinned edges. */
#include "core.h"

PyMethodDef gradient_methods[] = {{NULL, NULL, 0, NULL}};
