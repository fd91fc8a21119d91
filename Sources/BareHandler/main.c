// The least a libmicrohttpd server can do with an infer request: read the body, answer as many bytes. GatewayBenchmark
// measures the gateway against it. Usage: BareHandler THREADS; prints the port as `gateway serve` does.

#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_LIMIT = 65536 };

// One request's body, kept so that reading it costs what it costs the gateway: one copy.
struct upload {
    size_t size;
    char bytes[BODY_LIMIT];
};

static enum MHD_Result answer(struct MHD_Connection *connection, const struct upload *upload) {
    struct MHD_Response *response =
        MHD_create_response_from_buffer(upload->size, (void *)upload->bytes, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) return MHD_NO;
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
    enum MHD_Result queued = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return queued;
}

static enum MHD_Result handle(
    void *context, struct MHD_Connection *connection, const char *url, const char *method, const char *version,
    const char *upload_data, size_t *upload_data_size, void **request
) {
    (void)context, (void)url, (void)method, (void)version;
    struct upload *upload = *request;
    if (upload == NULL) {
        upload = malloc(sizeof *upload);
        if (upload == NULL) return MHD_NO;
        upload->size = 0;
        *request = upload;
        return MHD_YES;
    }
    if (*upload_data_size == 0) return answer(connection, upload);
    if (*upload_data_size > BODY_LIMIT - upload->size) return MHD_NO;
    memcpy(upload->bytes + upload->size, upload_data, *upload_data_size);
    upload->size += *upload_data_size;
    *upload_data_size = 0;
    return MHD_YES;
}

static void completed(
    void *context, struct MHD_Connection *connection, void **request, enum MHD_RequestTerminationCode reason
) {
    (void)context, (void)connection, (void)reason;
    free(*request);
    *request = NULL;
}

int main(int count, char **arguments) {
    long threads = count == 2 ? strtol(arguments[1], NULL, 10) : 0;
    if (threads < 1 || threads > 256) {
        fprintf(stderr, "usage: BareHandler THREADS (1 to 256)\n");
        return 2;
    }
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
        MHD_OPTION_THREAD_POOL_SIZE, (unsigned int)threads, MHD_OPTION_NOTIFY_COMPLETED, completed, NULL, MHD_OPTION_END
    );
    const union MHD_DaemonInfo *info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
    if (info == NULL) {
        fprintf(stderr, "BareHandler: cannot listen\n");
        return 1;
    }
    printf("listening on 127.0.0.1:%u\n", info->port);
    fflush(stdout);
    int received;
    sigwait(&stop, &received);
    MHD_stop_daemon(daemon);
    return 0;
}
