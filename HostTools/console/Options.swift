/// What `console` was asked to do.
struct Options {
  /// What is done; everything but `serve` ends by itself and may run beside a console that serves.
  enum Command: Equatable {
    case serve
    case listOperators
    case appoint(String)
    case dismiss(String)
    /// Writes a copy of the database into a file.
    case backUp(String)
    /// Puts a backup in the place of the database.
    case restore(String)
    /// Adds a key to the key file, which seals from the next start on.
    case addKey
    /// Seals everything under the newest key.
    case sealAnew
    /// Removes the keys that nothing is sealed under any more.
    case dropKeys
    /// Looks whether anybody without the key file has changed the audit log.
    case verifyAudit
    case resetMFA(String)
  }

  var port: UInt16 = 8080
  /// An SQLite file, or the address of a PostgreSQL database.
  var database = "console.sqlite"
  var keyFile: String?
  /// Where browsers reach it, if a server in front speaks TLS.
  var origin: String?
  /// The wire of the simulated token that is shown beside the pages.
  var token: String?
  var hashCost: Int?
  var recoveryWaitHours: Int64?
  var command = Command.serve
  /// Whether a restored backup may take the place of a database that is there.
  var replaces = false
  var printsAddress = false
  var wantsHelp = false

  static let help = """
    Usage: console [command] [options]
    Serves the account's MFA pages on this machine, at http://127.0.0.1:PORT/, until Ctrl-C.

    Commands, which may run beside a console that serves the same database:
      operators                 list the support operators, who decide recovery cases
      appoint EMAIL             make an account a support operator
      dismiss EMAIL             dismiss a support operator
      backup FILE               write a copy of the SQLite database into a new file
      restore FILE              put a backup in its place; no console may use the database then
      keys add                  add a key to the key file; restart every console after that
      keys seal                 seal everything under the newest key
      audit verify              look whether anybody without the key file changed the audit log
      keys drop                 remove the keys that nothing is sealed under any more
      reset-mfa EMAIL           turn an account's MFA off, after a confirmation; the audit log keeps it

    Options:
      --port PORT               where to listen; 0 for any free port (8080)
      --database FILE           SQLite file, made if there is none, or postgresql://… (console.sqlite)
      --key-file FILE           the keys that secrets are sealed under (FILE.key beside the database)
      --origin https://HOST     where browsers reach it, if a server in front speaks TLS
      --token unix:SOCKET       show this simulated token beside the pages
      --appoint-operator EMAIL  the same as the command appoint
      --replace                 with restore: keep the present database under another name
      --recovery-wait HOURS     from approving a recovery case to MFA being turned off (24)
      --hash-cost 1-11          yescrypt's cost for passwords (6); 1 is for tests
      --print-address           say on standard output, in one line, where it listens
      --help                    this text

    The first account is asked for at the prompt; its password is never an argument.

    """

  init(_ words: [String]) throws(UsageError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--help": wantsHelp = true
      case "--print-address": printsAddress = true
      case "--port": port = try Self.number(&rest, word, UInt16.init)
      case "--hash-cost":
        let cost = try Self.number(&rest, word) { Int($0) }
        guard (1...11).contains(cost) else { throw UsageError("--hash-cost takes 1 to 11.") }
        hashCost = cost
      case "--recovery-wait":
        let hours = try Self.number(&rest, word) { Int64($0) }
        guard (0...8760).contains(hours) else {
          throw UsageError("--recovery-wait takes 0 to 8760 hours.")
        }
        recoveryWaitHours = hours
      case "--database": database = try Self.value(&rest, word)
      case "--key-file": keyFile = try Self.value(&rest, word)
      case "--origin": origin = try Self.origin(Self.value(&rest, word))
      case "--appoint-operator": command = .appoint(try Self.value(&rest, word))
      case "--replace": replaces = true
      case "--token":
        let place = try Self.value(&rest, word)
        guard place.hasPrefix("unix:") else { throw UsageError("--token takes unix:SOCKET.") }
        token = String(place.dropFirst("unix:".count))
      case "operators": command = .listOperators
      case "appoint": command = .appoint(try Self.value(&rest, word))
      case "reset-mfa": command = .resetMFA(try Self.value(&rest, word))
      case "dismiss": command = .dismiss(try Self.value(&rest, word))
      case "backup": command = .backUp(try Self.value(&rest, word))
      case "restore": command = .restore(try Self.value(&rest, word))
      case "audit":
        guard rest.popFirst() == "verify" else { throw UsageError("'console audit' needs verify.") }
        command = .verifyAudit
      case "keys": command = try Self.keys(&rest)
      default:
        throw UsageError("There is no \(word.hasPrefix("-") ? "option" : "command") '\(word)'.")
      }
    }
  }

  private static func keys(_ rest: inout ArraySlice<String>) throws(UsageError) -> Command {
    switch rest.popFirst() {
    case "add": return .addKey
    case "seal": return .sealAnew
    case "drop": return .dropKeys
    default: throw UsageError("'console keys' needs add, seal or drop.")
    }
  }

  private static func value(
    _ rest: inout ArraySlice<String>, _ option: String
  ) throws(UsageError) -> String {
    guard let value = rest.popFirst(), !value.isEmpty else {
      throw UsageError("\(option) takes a value.")
    }
    return value
  }

  private static func number<Number>(
    _ rest: inout ArraySlice<String>, _ option: String, _ parse: (String) -> Number?
  ) throws(UsageError) -> Number {
    guard let number = parse(try value(&rest, option)) else {
      throw UsageError("\(option) takes a number.")
    }
    return number
  }

  /// A scheme and a host, without a path.
  private static func origin(_ text: String) throws(UsageError) -> String {
    let scheme = ["https://", "http://"].first(where: text.hasPrefix)
    guard let scheme, text.count > scheme.count, !text.dropFirst(scheme.count).contains("/") else {
      throw UsageError("--origin takes https://HOST, without a path.")
    }
    return text
  }
}

/// What was wrong with the command line.
struct UsageError: Error {
  let sentence: String

  init(_ sentence: String) { self.sentence = sentence }
}
