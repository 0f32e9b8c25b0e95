/* A disk that is full while a file says so.
 *
 * Preloaded into PostgreSQL where a test may not mount a small disk. While the file named by
 * NO_SPACE_FILE exists, whatever would make a file below NO_SPACE_BELOW longer fails as on a full
 * disk, with ENOSPC; what is written inside a file's present length succeeds, as it does there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int is_full(void) {
    const char *flag = getenv("NO_SPACE_FILE");
    return flag != NULL && access(flag, F_OK) == 0;
}

static int grows(int fd, off_t end) {
    int before = errno, answer = 0;
    char link[64], path[4096];
    struct stat found;
    const char *below = getenv("NO_SPACE_BELOW");
    if (below == NULL || !is_full())
        goto done;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0)
        goto done;
    path[length] = 0;
    if (strncmp(path, below, strlen(below)) != 0)
        goto done;
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode))
        answer = end > found.st_size;
done:
    errno = before;
    return answer;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))
#define FULL { errno = ENOSPC; return -1; }

static off_t total(const struct iovec *parts, int count) {
    off_t sum = 0;
    for (int n = 0; n < count; n++)
        sum += (off_t)parts[n].iov_len;
    return sum;
}

static off_t place(int fd, size_t count) {
    int flags = fcntl(fd, F_GETFL);
    off_t at = lseek(fd, 0, flags >= 0 && (flags & O_APPEND) ? SEEK_END : SEEK_CUR);
    return at < 0 ? 0 : at + (off_t)count;
}

ssize_t write(int fd, const void *data, size_t count) {
    if (fd > 2 && is_full() && grows(fd, place(fd, count))) FULL
    return REAL(write)(fd, data, count);
}

ssize_t pwrite(int fd, const void *data, size_t count, off_t at) {
    if (grows(fd, at + (off_t)count)) FULL
    return REAL(pwrite)(fd, data, count, at);
}

ssize_t pwrite64(int fd, const void *data, size_t count, off_t at) {
    if (grows(fd, at + (off_t)count)) FULL
    return REAL(pwrite64)(fd, data, count, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
    if (grows(fd, at + total(parts, count))) FULL
    return REAL(pwritev)(fd, parts, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) {
    if (grows(fd, at + total(parts, count))) FULL
    return REAL(pwritev64)(fd, parts, count, at);
}

int posix_fallocate(int fd, off_t at, off_t length) {
    if (grows(fd, at + length)) return ENOSPC;
    return REAL(posix_fallocate)(fd, at, length);
}

int posix_fallocate64(int fd, off_t at, off_t length) {
    if (grows(fd, at + length)) return ENOSPC;
    return REAL(posix_fallocate64)(fd, at, length);
}
