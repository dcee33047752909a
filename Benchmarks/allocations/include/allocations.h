// Counts what a process allocates on the heap: linked in, it stands before the C library's functions.
#ifndef ALLOCATIONS_H
#define ALLOCATIONS_H

#include <stdint.h>

// How many allocations there were since the process began, on any thread; one that moves counts as one.
uint64_t allocations_count(void);

#endif
