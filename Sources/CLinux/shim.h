// What Swift's Glibc module lacks: declarations, and calls of functions with variable arguments. No logic.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#include <linux/sockios.h>
#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <sched.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

// glibc declares these under _GNU_SOURCE only, which Swift's importer does not set.
int accept4(int, struct sockaddr *, socklen_t *, int);
int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *);
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
int pthread_setname_np(pthread_t, const char *);
int sched_getaffinity(pid_t, size_t, cpu_set_t *);
int sched_setaffinity(pid_t, size_t, const cpu_set_t *);

static inline int shim_prctl_set_pdeathsig(int signal) {
    return prctl(PR_SET_PDEATHSIG, signal);
}

// send(2) itself is a cancellation point of pthreads(7). Nobody cancels a thread, and it would double what a send costs.
__attribute__((always_inline)) static inline ssize_t shim_send(int descriptor, const void *bytes, size_t count, int flags) {
    return syscall(SYS_sendto, descriptor, bytes, count, flags, (void *)0, 0L);
}

struct shim_acknowledgement {
    uint64_t bytes;
    uint32_t unacknowledged_segments;
};

// By their places in linux/tcp.h's struct tcp_info: glibc's netinet/tcp.h, which Swift's Glibc module has, lacks the former.
static inline int shim_get_acknowledgement(int descriptor, struct shim_acknowledgement *result) {
    const unsigned tcp_info = 11, segments = 24, bytes = 120;
    unsigned char info[256];
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, tcp_info, info, &size) != 0) return -1;
    if (size < bytes + sizeof result->bytes) return -1;
    __builtin_memcpy(&result->unacknowledged_segments, info + segments, sizeof result->unacknowledged_segments);
    __builtin_memcpy(&result->bytes, info + bytes, sizeof result->bytes);
    return 0;
}

static inline int shim_unacknowledged_count(int descriptor, int *count) {
    return ioctl(descriptor, SIOCOUTQ, count);
}

#endif
