import Glibc

/// The environment variables of the process.
enum Environment {
  /// The variable's value; nil when it is not set, or empty.
  static subscript(name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}

/// Where files are kept (XDG Base Directory Specification).
enum Folders {
  /// The person's data folder for Watchfob: $XDG_DATA_HOME/watchfob, or
  /// ~/.local/share/watchfob. It need not exist yet.
  static func data() throws(FobError) -> String {
    // The specification has relative paths ignored.
    if let base = Environment["XDG_DATA_HOME"], base.hasPrefix("/") { return base + "/watchfob" }
    guard let home = Environment["HOME"], home.hasPrefix("/") else {
      throw FobError(
        .noToken, "There is no home folder for the token's image; set HOME, or choose sim:FILE.")
    }
    return home + "/.local/share/watchfob"
  }

  /// What is remembered between two runs: $XDG_STATE_HOME/watchfob, or ~/.local/state/watchfob. It need not
  /// exist yet.
  static func state() throws(FobError) -> String {
    if let base = Environment["XDG_STATE_HOME"], base.hasPrefix("/") { return base + "/watchfob" }
    guard let home = Environment["HOME"], home.hasPrefix("/") else {
      throw FobError(.badInput, "There is no home folder for the inventory; set HOME.")
    }
    return home + "/.local/state/watchfob"
  }

  /// Makes a folder, and those that it is in, for the person alone.
  static func make(_ path: String) throws(FobError) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o700) == 0 || errno == EEXIST else {
        throw FobError(
          .badInput, "The folder '\(Printable.text(made))' cannot be made: \(reason(errno)).")
      }
    }
  }

  /// Where simulators put their sockets when no other place is asked for.
  static func sockets() -> String {
    if let base = Environment["XDG_RUNTIME_DIR"], base.hasPrefix("/") { return base + "/watchfob" }
    return "/tmp/watchfob-\(getuid())"
  }
}
