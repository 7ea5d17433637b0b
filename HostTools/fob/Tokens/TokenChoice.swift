import Glibc

/// Which token the person wants: what `--token` and FOB_TOKEN hold.
enum TokenChoice: Equatable, Sendable {
  /// A simulated token that lives in an image file and runs within `fob` itself.
  case image(path: String)
  /// A simulated token that another process serves on a Unix socket.
  case socket(path: String)

  /// The choices, for the help and for errors.
  static let kinds = [
    (term: "sim", meaning: "the simulated token in ~/.local/share/watchfob/token.image"),
    (term: "sim:FILE", meaning: "a simulated token in an image file of your own"),
    (term: "unix:SOCKET", meaning: "a simulated token that 'fob sim run' serves on a socket"),
  ]

  static let list = "sim, sim:FILE or unix:SOCKET"

  /// Understands `text`; `source` is where it came from, for the error.
  init(parsing text: String, from source: String) throws(FobError) {
    func path(after prefix: String) throws(FobError) -> String {
      let path = String(text.dropFirst(prefix.count))
      guard !path.isEmpty, path.utf8.count < ValueKind.longest else {
        throw FobError(.usage, "\(source) names no file after '\(prefix)'.")
      }
      return path
    }
    if text == "sim" {
      self = .image(path: try Folders.data() + "/token.image")
    } else if text.hasPrefix("sim:") {
      self = .image(path: try path(after: "sim:"))
    } else if text.hasPrefix("unix:") {
      self = .socket(path: try path(after: "unix:"))
    } else {
      throw FobError(
        .noToken, "\(source) chooses no token that there is; choose \(Self.list).")
    }
  }

  /// The token that was chosen on the command line, or else in the environment.
  init(_ invocation: Invocation) throws(FobError) {
    if let text = invocation.text(.token) {
      try self.init(parsing: text, from: "--token")
    } else if let text = Environment["FOB_TOKEN"] {
      try self.init(parsing: text, from: "FOB_TOKEN")
    } else {
      throw FobError(
        .noToken,
        "No token is chosen; say --token \(Self.list), or set FOB_TOKEN to one of them "
          + "('fob devices' lists what is there).")
    }
  }

  /// As the person would write it.
  var text: String {
    switch self {
    case .image(let path): "sim:\(path)"
    case .socket(let path): "unix:\(path)"
    }
  }
}
