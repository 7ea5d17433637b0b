#include <dlfcn.h>
#include <stdbool.h>
#include <postgresql/libpq-fe.h>

// The library brings Kerberos and LDAP with it, which take a program that links it ten milliseconds
// more to start. So it is loaded when the first connection is made, and a console on SQLite can do
// without it.
struct libpq_library {
  __typeof__(&PQconninfoParse) conninfoParse;
  __typeof__(&PQconninfoFree) conninfoFree;
  __typeof__(&PQfreemem) freemem;
  __typeof__(&PQconnectdbParams) connectdbParams;
  __typeof__(&PQfinish) finish;
  __typeof__(&PQstatus) status;
  __typeof__(&PQconsumeInput) consumeInput;
  __typeof__(&PQerrorMessage) errorMessage;
  __typeof__(&PQsetNoticeProcessor) setNoticeProcessor;
  __typeof__(&PQsetnonblocking) setnonblocking;
  __typeof__(&PQsocket) socket;
  __typeof__(&PQparameterStatus) parameterStatus;
  __typeof__(&PQsendQuery) sendQuery;
  __typeof__(&PQsendPrepare) sendPrepare;
  __typeof__(&PQsendQueryPrepared) sendQueryPrepared;
  __typeof__(&PQflush) flush;
  __typeof__(&PQisBusy) isBusy;
  __typeof__(&PQgetResult) getResult;
  __typeof__(&PQresultStatus) resultStatus;
  __typeof__(&PQresultErrorField) resultErrorField;
  __typeof__(&PQntuples) ntuples;
  __typeof__(&PQgetvalue) getvalue;
  __typeof__(&PQgetlength) getlength;
  __typeof__(&PQgetisnull) getisnull;
  __typeof__(&PQcmdTuples) cmdTuples;
  __typeof__(&PQcmdStatus) cmdStatus;
  __typeof__(&PQclear) clear;
};

// False if the library, or something of it, is not there.
static inline bool libpq_load(struct libpq_library *library) {
  void *handle = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return false;
#define LOOK_UP(name) (library->name = (__typeof__(&PQ##name))dlsym(handle, "PQ" #name))
    bool has_all = LOOK_UP(conninfoParse) && LOOK_UP(conninfoFree) && LOOK_UP(freemem) &&
                 LOOK_UP(connectdbParams) && LOOK_UP(finish) && LOOK_UP(status) &&
                 LOOK_UP(consumeInput) && LOOK_UP(errorMessage) &&
                 LOOK_UP(setNoticeProcessor) && LOOK_UP(setnonblocking) && LOOK_UP(socket)
                 && LOOK_UP(parameterStatus) && LOOK_UP(sendQuery) && LOOK_UP(sendPrepare)
                 && LOOK_UP(sendQueryPrepared) && LOOK_UP(flush) && LOOK_UP(isBusy) &&
                 LOOK_UP(getResult) && LOOK_UP(resultStatus) && LOOK_UP(resultErrorField) &&
                 LOOK_UP(ntuples) && LOOK_UP(getvalue) && LOOK_UP(getlength) &&
                 LOOK_UP(getisnull) && LOOK_UP(cmdTuples) && LOOK_UP(cmdStatus) &&
                 LOOK_UP(clear);
#undef LOOK_UP
  return has_all;
}

// Counts the server's warnings, which libpq would write on the standard error.
static inline void libpq_count_notice(void *count, const char *message) {
  (void)message;
  ++*(int *)count;
}

static inline void libpq_count_notices(const struct libpq_library *library, PGconn *connection,
                                       int *count) {
  library->setNoticeProcessor(connection, libpq_count_notice, count);
}

// Kept as text: the macros are characters, which Swift imports as numbers of another type.
static const int libpq_field_sqlstate = PG_DIAG_SQLSTATE;
static const int libpq_field_message = PG_DIAG_MESSAGE_PRIMARY;
