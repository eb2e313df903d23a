/* A few threads that wait for parts of a task.

   To wake a thread takes longer than to filter a small picture. So, like those of OpenCV and OpenMP, they look out for
   a while for the next task, or the calling thread for their end, before they sleep. */
#include "threads.h"

#if defined(__unix__) || defined(__APPLE__)

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

/* How long they look out, in nanoseconds, how many times between two looks at the clock, and the most threads. */
#define LOOKOUT 100000
#define LOOKS 64
#define MOST_HELPERS 63

#if defined(__x86_64__) || defined(__i386__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ volatile("yield")
#else
#define PAUSE() ((void)0)
#endif

static pthread_mutex_t taken = PTHREAD_MUTEX_INITIALIZER; /* by the thread whose task it is */
static pthread_t helper[MOST_HELPERS];
static int helpers; /* that were started */
#ifdef __linux__
static cpu_set_t allowed; /* processors that they may use */
#endif

/* The task. It is written while there are no seats, and read by those who took one. */
static Work work_of;
static void *task_of;
static Py_ssize_t count_of;
static atomic_intptr_t next_part;
static atomic_int seats;    /* how many more threads may join; the number of each is what it found here */
static atomic_int finished; /* how many of those who joined have found no part left */

static pthread_mutex_t asleep = PTHREAD_MUTEX_INITIALIZER; /* for those who have looked out long enough */
static pthread_cond_t called = PTHREAD_COND_INITIALIZER, ended = PTHREAD_COND_INITIALIZER;
static atomic_int sleeping, waiting;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Threads do not survive a fork, and a lock may have been held. */
static void begin_anew(void) {
    helpers = 0;
    atomic_store(&seats, 0), atomic_store(&sleeping, 0), atomic_store(&waiting, 0);
    pthread_mutex_init(&taken, NULL), pthread_mutex_init(&asleep, NULL);
    pthread_cond_init(&called, NULL), pthread_cond_init(&ended, NULL);
}

static void do_parts(int thread) {
    for (intptr_t part; (part = atomic_fetch_add(&next_part, 1)) < count_of;) work_of(task_of, part, thread);
}

/* Take a seat if there is one: the number of the thread, else 0. */
static int take_seat(void) {
    int left = atomic_load(&seats);
    while (left > 0)
        if (atomic_compare_exchange_weak(&seats, &left, left - 1)) return left;
    return 0;
}

static void *help(void *nothing) {
    int64_t end = now() + LOOKOUT;
    for (int looks = 1;; looks++) {
        int seat = take_seat();
        if (seat != 0) {
            do_parts(seat);
            atomic_fetch_add(&finished, 1);
            if (atomic_load(&waiting)) {
                pthread_mutex_lock(&asleep);
                pthread_cond_signal(&ended);
                pthread_mutex_unlock(&asleep);
            }
        } else if (looks % LOOKS == 0 && now() > end) {
            pthread_mutex_lock(&asleep);
            atomic_fetch_add(&sleeping, 1);
            if (atomic_load(&seats) == 0) pthread_cond_wait(&called, &asleep);
            atomic_fetch_sub(&sleeping, 1);
            pthread_mutex_unlock(&asleep);
        } else {
            PAUSE();
            continue;
        }
        looks = 0, end = now() + LOOKOUT;
    }
    return nothing;
}

/* Keep the others off the processor of the calling thread. Linux may wake them there, where they would have to wait
   until it is done, although another one is free; once they are at work it moves them only after milliseconds. */
static void stand_aside(void) {
#ifdef __linux__
    cpu_set_t others;
    if (sched_getaffinity(0, sizeof others, &others) != 0) return;
    CPU_CLR(sched_getcpu(), &others);
    if (CPU_COUNT(&others) == 0 || CPU_EQUAL(&others, &allowed)) return;
    for (int n = 0; n < helpers; n++) pthread_setaffinity_np(helper[n], sizeof others, &others);
    allowed = others;
#endif
}

/* Start threads until there are so many, and return how many there are. Signals are left to the others. */
static int start_helpers(int wanted) {
    static int is_watched;
    if (!is_watched) is_watched = pthread_atfork(NULL, NULL, begin_anew) == 0;
    if (helpers >= wanted || !is_watched) return helpers;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (; helpers < wanted && pthread_create(&helper[helpers], NULL, help, NULL) == 0; helpers++)
        pthread_detach(helper[helpers]);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
#ifdef __linux__
    CPU_ZERO(&allowed);
#endif
    stand_aside();
    return helpers;
}

/* Wait until so many have finished. */
static void wait_for(int joined) {
    int64_t end = now() + LOOKOUT;
    for (int looks = 1; atomic_load(&finished) != joined; looks++) {
        if (looks % LOOKS == 0 && now() > end) {
            pthread_mutex_lock(&asleep);
            atomic_store(&waiting, 1);
            while (atomic_load(&finished) != joined) pthread_cond_wait(&ended, &asleep);
            atomic_store(&waiting, 0);
            pthread_mutex_unlock(&asleep);
            return;
        }
        PAUSE();
    }
}

void share_out(int threads, Py_ssize_t count, Work work, void *task) {
    int wanted = threads - 1 < MOST_HELPERS ? threads - 1 : MOST_HELPERS;
    if (wanted > count - 1) wanted = (int)(count - 1);
    if (wanted < 1 || pthread_mutex_trylock(&taken) != 0) {
        for (Py_ssize_t part = 0; part < count; part++) work(task, part, 0);
        return;
    }
    int there = start_helpers(wanted), called_for = there < wanted ? there : wanted;
    work_of = work, task_of = task, count_of = count;
    atomic_store(&next_part, 0), atomic_store(&finished, 0);
    atomic_store(&seats, called_for);
    if (atomic_load(&sleeping)) {
        stand_aside();
        pthread_mutex_lock(&asleep);
        pthread_cond_broadcast(&called);
        pthread_mutex_unlock(&asleep);
    }
    do_parts(0);
    wait_for(called_for - atomic_exchange(&seats, 0));
    pthread_mutex_unlock(&taken);
}

#else

void share_out(int threads, Py_ssize_t count, Work work, void *task) {
    (void)threads;
    for (Py_ssize_t part = 0; part < count; part++) work(task, part, 0);
}

#endif
