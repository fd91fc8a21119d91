#pragma once
#include <jansson.h>

/* The text of a parse error: Swift sees the array member as a tuple. */
static inline const char *CJansson_error_text(const json_error_t *error) { return error->text; }

/* Whether a parse failed at a number that fits neither a long long nor a finite double:
   Swift cannot tell the function json_error_code from the enum of the same name. */
static inline int CJansson_is_numeric_overflow(const json_error_t *error) {
    return json_error_code(error) == json_error_numeric_overflow;
}
