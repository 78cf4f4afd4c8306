// Stress switches: the environment variable NOSTOS_STRESS is a comma-separated list of them; "all" is every one.
//
//   gc     collect at every safepoint (heap.c)
//   stack  move the register stack at every call (VM)
//   slice  slices of one reduction (scheduler)
#ifndef NST_STRESS_H
#define NST_STRESS_H

#include <stdbool.h>

// Reads the environment each time: hot code asks once.
bool nst_stress(const char *switch_name);

#endif
