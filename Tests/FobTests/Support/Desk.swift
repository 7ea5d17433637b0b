import Foundation
import Testing

/// A person's desk: folders of their own, and `fob`, run as they would run it.
final class Desk: Sendable {
  let folder: String

  /// The executable that was built with the tests, beside them.
  static let fob: String = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return ((tests ?? CommandLine.arguments[0]) as NSString).deletingLastPathComponent + "/fob"
  }()

  init() throws {
    // Short, since the path of a socket has 107 bytes at most.
    var template = Array("/tmp/fob-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try FileManager.default.createDirectory(
      atPath: folder + "/run", withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// The image of the token that `sim` chooses.
  var image: String { folder + "/data/watchfob/token.image" }

  func environment(token: String?) -> [String: String] {
    var environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder,
      "XDG_DATA_HOME": folder + "/data", "XDG_RUNTIME_DIR": folder + "/run", "TZ": "UTC",
      "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no",
    ]
    environment["FOB_TOKEN"] = token
    return environment
  }

  /// Runs `fob` to its end.
  ///
  /// - Parameters:
  ///   - input: all of standard input, which is a pipe.
  ///   - token: FOB_TOKEN; nil for none.
  @discardableResult
  func run(
    _ arguments: String..., input: String = "", token: String? = "sim"
  ) throws -> Outcome {
    try run(arguments, input: input, token: token)
  }

  @discardableResult
  func run(_ arguments: [String], input: String = "", token: String? = "sim") throws -> Outcome {
    let session = try Session(self, arguments, token: token)
    session.send(input)
    session.endInput()
    return session.finish()
  }

  /// Writes a file for the person alone, and returns its path.
  func file(_ name: String, _ contents: String) throws -> String {
    let path = folder + "/" + name
    try contents.write(toFile: path, atomically: false, encoding: .utf8)
    chmod(path, 0o600)
    return path
  }

  /// Puts a credential on the token, with a key of Base32.
  func add(
    _ name: String, key: String = "JBSWY3DPEHPK3PXP", _ options: String..., token: String = "sim"
  ) throws {
    let outcome = try run(["add", name, "--key", "-"] + options, input: key + "\n", token: token)
    try #require(outcome.status == 0, "\(outcome)")
  }

  /// What the token has: names and settings.
  func list(token: String = "sim") throws -> String {
    let outcome = try run("list", "--json", token: token)
    try #require(outcome.status == 0, "\(outcome)")
    return outcome.output
  }
}

/// How a run of `fob` ended.
struct Outcome: CustomStringConvertible {
  let status: Int32
  let output: String
  let errors: String

  var description: String { "status \(status), output '\(output)', errors '\(errors)'" }

  /// Lines of standard error that are fob's own, and no prompts or notes.
  var complaints: [Substring] {
    errors.split(separator: "\n").filter { $0.hasPrefix("fob: ") }
  }
}
