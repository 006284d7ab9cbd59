/* What this build of PJSIP has and the one from PyPI lacks. */
#define PJSUA_MAX_CALLS 16 /* eight lines, and room for calls that are just ending */
#define PJ_HAS_IPV6 1
