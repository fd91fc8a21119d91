#pragma once

// MHD_start_daemon is variadic, MHD_get_connection_info too, and the casted macros are invisible to Swift: each has
// a plain function here.

#include <microhttpd.h>
#include <stddef.h>
#include <stdint.h>

/// What a daemon is started with; the listening socket is not libmicrohttpd's business, connections are added to it.
struct CMicroHTTPD_Settings {
    unsigned int thread_count;
    unsigned int connection_limit;
    size_t connection_memory;
    void *context;
    MHD_AccessHandlerCallback access;
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
    void *(*target)(void *context, const char *target, struct MHD_Connection *connection);
    size_t (*unescape)(void *context, struct MHD_Connection *connection, char *text);
    /// What TLS may agree on, in the words of GnuTLS; NULL for a server without TLS.
    const char *_Nullable tls_priorities;
};

/// Stands for the certificates that each session is given by itself, without which no daemon with TLS starts.
static inline int CMicroHTTPD_no_certificate(
    struct gnutls_session_int *session, const void *authorities, int count, const void *algorithms, int algorithm_count,
    void *certificates, unsigned int *certificate_count, void *key
) {
    return -1;
}

/// Starts a daemon of `thread_count` epoll threads that owns no listening socket; NULL where it cannot.
///
/// Strictness: in 0.9.75 only -1 refuses `Content-Length : 5` (the header check is inverted there) and positive values
/// put two header blocks on the wire; from 1.0 on -1 means lenient and another option sets the level.
static inline struct MHD_Daemon *_Nullable CMicroHTTPD_start(const struct CMicroHTTPD_Settings *_Nonnull settings) {
    const unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_NO_LISTEN_SOCKET
        | (settings->tls_priorities ? MHD_USE_TLS : 0);
    const struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)settings->tls_priorities},
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, (void *)CMicroHTTPD_no_certificate},
        {MHD_OPTION_END, 0, NULL},
    };
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    // A pool of one is refused: leave the option out, the daemon then has its one thread.
    const struct MHD_OptionItem pool[] = {
        {settings->thread_count > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, settings->thread_count, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(
        flags, 0, NULL, NULL, settings->access, settings->context,
        MHD_OPTION_ARRAY, pool,
        MHD_OPTION_ARRAY, settings->tls_priorities ? tls : none,
        MHD_OPTION_CONNECTION_LIMIT, settings->connection_limit,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, settings->connection_memory,
        MHD_OPTION_NOTIFY_COMPLETED, settings->completed, settings->context,
        MHD_OPTION_NOTIFY_CONNECTION, settings->connection, settings->context,
        MHD_OPTION_URI_LOG_CALLBACK, settings->target, settings->context,
        MHD_OPTION_UNESCAPE_CALLBACK, settings->unescape, settings->context,
#if MHD_VERSION >= 0x01000000
        MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
        MHD_OPTION_STRICT_FOR_CLIENT, -1,
#endif
        MHD_OPTION_END);
}

/// The socket of a connection, or -1.
static inline int CMicroHTTPD_descriptor(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// The pointer kept for a connection by the connection callback, or NULL.
static inline void *_Nullable CMicroHTTPD_socket_context(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/// The TLS session of a connection, a `gnutls_session_t`; NULL on a server without TLS.
static inline void *_Nullable CMicroHTTPD_tls_session(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

/// The peer's address, or NULL.
static inline const struct sockaddr *_Nullable CMicroHTTPD_peer(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

/// How many bytes the request's head has, from the method on, or 0.
static inline size_t CMicroHTTPD_head_size(struct MHD_Connection *_Nonnull connection) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info ? info->header_size : 0;
}

/// Whether the library parses heads leniently in a way that its own memory of the head gives away.
///
/// Up to 0.9 the lines of a head stay where they were received, with zeros over their separators. From 1.0 on the parser is
/// strict itself (client discipline level 1).
static inline int CMicroHTTPD_keeps_head_lines(void) {
#if MHD_VERSION >= 0x01000000
    return 0;
#else
    return 1;
#endif
}

// The kernel's part of an event loop, which Swift's Glibc module leaves out.

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

/// Names the calling thread, at most 15 bytes; prctl is variadic.
static inline void CMicroHTTPD_name_thread(const char *_Nonnull name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
