#include <hidapi/hidapi.h>

/* Which build of the library this module links; the two have the same header. */
#define WATCHFOB_HIDAPI_BUILD "hidraw"
