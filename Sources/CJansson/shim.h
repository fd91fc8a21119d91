#pragma once
#include <jansson.h>

/* Why a parse failed: Swift cannot tell the function json_error_code from the enum of the same name. */
static inline enum json_error_code CJansson_error_code(const json_error_t *error) { return json_error_code(error); }
