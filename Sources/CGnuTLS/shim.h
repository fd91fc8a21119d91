#pragma once

// Function pointers and structures that have to stay where they are, which Swift cannot promise: each has a plain
// function here.

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/// Gives back what GnuTLS allocated for its caller.
static inline void CGnuTLS_free(void *_Nullable memory) {
    gnutls_free(memory);
}

/// Has a server's session ask for a certificate that is good for clients, and end where it gets none.
static inline void CGnuTLS_require_client_certificate(struct gnutls_session_int *_Nonnull session) {
    static gnutls_typed_vdata_st purpose = {GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)GNUTLS_KP_TLS_WWW_CLIENT, 0};
    gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
    gnutls_session_set_verify_cert2(session, &purpose, 1, 0);
}

/// Has a session agree on the protocol `http/1.1`, or on none with a client that names none.
static inline int CGnuTLS_speak_http(struct gnutls_session_int *_Nonnull session) {
    const gnutls_datum_t name = {(unsigned char *)"http/1.1", 8};
    return gnutls_alpn_set_protocols(session, &name, 1, GNUTLS_ALPN_MANDATORY);
}

/// Has a session receive through `pull`, which is handed `context`; it sends as before.
static inline void CGnuTLS_receive_through(
    struct gnutls_session_int *_Nonnull session, void *_Nonnull context,
    ssize_t (*_Nonnull pull)(void *_Nullable context, void *_Nullable buffer, size_t size)
) {
    gnutls_transport_ptr_t receive, send;
    gnutls_transport_get_ptr2(session, &receive, &send);
    gnutls_transport_set_ptr2(session, context, send);
    gnutls_transport_set_pull_function(session, pull);
}

/// Calls `done` with the session's `context` once the other side has proven the handshake.
static inline void CGnuTLS_when_established(
    struct gnutls_session_int *_Nonnull session,
    int (*_Nonnull done)(
        struct gnutls_session_int *_Nullable session, unsigned int type, unsigned int when, unsigned int incoming,
        const gnutls_datum_t *_Nullable message
    )
) {
    gnutls_handshake_set_hook_function(session, GNUTLS_HANDSHAKE_FINISHED, GNUTLS_HOOK_POST, done);
}

/// The `context` of ``CGnuTLS_receive_through``.
static inline void *_Nullable CGnuTLS_context(struct gnutls_session_int *_Nonnull session) {
    gnutls_transport_ptr_t receive, send;
    gnutls_transport_get_ptr2(session, &receive, &send);
    return receive;
}
