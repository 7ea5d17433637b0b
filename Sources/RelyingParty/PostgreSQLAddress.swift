import CLibPQ
import Glibc

/// The address of a PostgreSQL database, and what holds for a connection where it says nothing.
struct PostgreSQLAddress {
  /// What libpq takes for an address.
  static let schemes = ["postgresql://", "postgres://"]
  /// In the place of an address that is not to be repeated.
  private static let someAddress = "postgresql://…"

  /// Seconds that a host may take to let one in, before the next one is tried.
  private static let patience = "3"

  /// What the address can change. Over a network nothing but TLS to a server that proves its name will
  /// do; libpq ignores `sslmode` for a local socket. Of several hosts the one is taken that can be
  /// written to: the primary.
  private static let defaults: [(String, String)] = [
    ("sslmode", "verify-full"), ("gssencmode", "disable"),
    ("target_session_attrs", "read-write"), ("connect_timeout", patience),
    ("tcp_user_timeout", "8000"), ("keepalives_idle", "5"), ("keepalives_interval", "2"),
    ("keepalives_count", "3"), ("application_name", "watchfob"), ("client_encoding", "UTF8"),
  ]

  let text: String

  /// Refuses one with a password in it, and one that libpq does not take.
  init(_ text: String, _ library: libpq_library) throws(Refusal) {
    self.text = text
    var message: UnsafeMutablePointer<CChar>?
    guard let options = library.conninfoParse(text, &message) else {
      // The message may quote the address, and that a password.
      library.freemem(message)
      throw .storage(
        .cannotOpen(file: Self.someAddress, reason: "the address is not one that libpq takes"))
    }
    defer { library.conninfoFree(options) }
    var option = options
    while let keyword = option.pointee.keyword {
      if strcmp(keyword, "password") == 0 && option.pointee.val != nil {
        throw .storage(
          .cannotOpen(
            file: Self.someAddress,
            reason: "a password has no place in the address, write it into ~/.pgpass"))
      }
      option += 1
    }
  }

  /// Tries each of its hosts in turn. Returns nil if there is no memory for it.
  func connect(_ library: libpq_library) -> OpaquePointer? {
    // A later keyword overrides an earlier one; the address stands for "dbname".
    let all = Self.defaults + [("dbname", text)]
    let keywords = all.map { strdup($0.0) } + [nil]
    let values = all.map { strdup($0.1) } + [nil]
    defer { for pointer in keywords + values { free(pointer) } }
    let (words, texts) = (keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) })
    return library.connectdbParams(words, texts, 1)
  }
}
