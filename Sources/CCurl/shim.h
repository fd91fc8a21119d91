#pragma once
#include <curl/curl.h>

/* curl_easy_setopt and curl_easy_getinfo take a variable argument, which Swift cannot pass. */
static inline CURLcode CCurl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode CCurl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}
static inline CURLcode CCurl_set_headers(CURL *handle, struct curl_slist *list) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
}

/* What an answer's body comes to: nothing. Without a function libcurl prints it. */
static inline size_t CCurl_drop(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}
static inline CURLcode CCurl_drop_body(CURL *handle) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, CCurl_drop);
}

static inline long CCurl_status(CURL *handle) {
    long status = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

/* The value of a header of the last answer; NULL where it has none. Valid until the next transfer. */
static inline const char *CCurl_header(CURL *handle, const char *name) {
    struct curl_header *header = 0;
    return curl_easy_header(handle, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK ? header->value : 0;
}

static inline CURLcode CCurl_global_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
