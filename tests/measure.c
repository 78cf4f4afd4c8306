// Runs a command and appends "CPU-seconds peak-megabytes" to a file: `measure FILE COMMAND ...`.
//
// A process inherits the peak memory of whoever forked it, so that of a Python test runner would hide ours; this one is
// small. CPU is user and system time of all threads.

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 3) return 125;
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    int status;
    struct rusage usage;
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) return 125;
    FILE *out = fopen(argv[1], "a");
    if (!out) return 125;
    double cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                 (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
#ifdef __APPLE__
    double megabytes = (double)usage.ru_maxrss / 1048576.0; // bytes there
#else
    double megabytes = (double)usage.ru_maxrss / 1024.0;
#endif
    fprintf(out, "%.6f %.3f\n", cpu, megabytes);
    if (fclose(out) != 0) return 125;
    if (WIFEXITED(status)) return WEXITSTATUS(status);
    kill(getpid(), WTERMSIG(status)); // die as the command did
    return 128 + WTERMSIG(status);
}
