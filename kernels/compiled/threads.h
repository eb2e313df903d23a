/* Threads that share the parts of a task among them. */
#ifndef KERNELSCOPE_THREADS_H
#define KERNELSCOPE_THREADS_H

#include "core.h"

/* Does one part of a task, without touching Python; `thread` tells those apart that are at work at the same time. */
typedef void (*Work)(void *task, Py_ssize_t part, int thread);

/* Do all parts of a task, 0 to below `count`, in up to `threads` threads, of which the calling one is number 0. Where
   the other threads are at work for somebody else, it does them alone. */
void share_out(int threads, Py_ssize_t count, Work work, void *task);

#endif
