/* Layers of a network: banks of filters, activations, pooling. */
#include "core.h"

PyMethodDef layer_methods[] = {{NULL, NULL, 0, NULL}};
