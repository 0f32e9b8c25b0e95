/* The measure of things: one frame to many sockets by one send() each, and nothing else.
 *
 * Started as a child with the number of connections and the frame in hexadecimal. Prints its port,
 * takes the connections, prints "ready", and for each line "go COUNT" sends COUNT frames, each to
 * every socket. Ends with its standard input. Blocking sockets: a receiver that is behind is
 * waited for, which costs no CPU time. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int fail(const char *what) {
    perror(what);
    return 1;
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    long connections = atol(argv[1]);
    size_t size = strlen(argv[2]) / 2;
    char *frame = malloc(size ? size : 1);
    int *sockets = calloc((size_t)connections, sizeof(int));
    if (!frame || !sockets) return fail("memory");
    for (size_t at = 0; at < size; at++) {
        unsigned byte;
        if (sscanf(argv[2] + 2 * at, "%2x", &byte) != 1) return 2;
        frame[at] = (char)byte;
    }

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) ||
        listen(listener, 4096) || getsockname(listener, (struct sockaddr *)&address, &length))
        return fail("listen");
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);

    int on = 1;
    for (long at = 0; at < connections; at++) {
        sockets[at] = accept(listener, NULL, NULL);
        if (sockets[at] < 0) return fail("accept");
        setsockopt(sockets[at], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    printf("ready\n");
    fflush(stdout);

    char line[64];
    while (fgets(line, sizeof line, stdin)) {
        long count = 0;
        if (sscanf(line, "go %ld", &count) != 1) return 2;
        for (; count > 0; count--)
            for (long at = 0; at < connections; at++)
                if (send(sockets[at], frame, size, MSG_NOSIGNAL) != (ssize_t)size)
                    return fail("send");
    }
    return 0;
}
