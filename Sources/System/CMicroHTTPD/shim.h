#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <string.h>

// Decodes a path, or a name or value of a query, unless it has a zero byte in it: decoded, the path
// would end there and be another one.
static inline size_t watchfob_unescape(
    void *closure, struct MHD_Connection *connection, char *text) {
  return strstr(text, "%00") ? strlen(text) : MHD_http_unescape(text);
}

// Swift calls no function with "...": the options come as one array here.
static inline struct MHD_Daemon *watchfob_start_daemon(
    unsigned int flags, const struct sockaddr_in *address, MHD_AccessHandlerCallback answer,
    MHD_RequestCompletedCallback completed, void *closure, struct MHD_OptionItem *options) {
  return MHD_start_daemon(
      flags, 0, 0, 0, answer, closure, MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_NOTIFY_COMPLETED,
      completed, closure, MHD_OPTION_UNESCAPE_CALLBACK, watchfob_unescape, (void *)0,
      MHD_OPTION_ARRAY, options, MHD_OPTION_END);
}

static inline unsigned int watchfob_bound_port(struct MHD_Daemon *daemon) {
  const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
  return info ? info->port : 0;
}

static inline const struct sockaddr *watchfob_peer(struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
      MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
  return info ? info->client_addr : 0;
}
