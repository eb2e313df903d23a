/* What painting needs: fewer pixels, bytes, and counts. */
#include "core.h"

PyMethodDef display_methods[] = {{NULL, NULL, 0, NULL}};
