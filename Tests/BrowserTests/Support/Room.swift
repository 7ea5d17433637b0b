import Foundation

/// A folder of its own for one test, with everything that the test leaves.
final class Room: Sendable {
  let folder: String

  init() throws {
    var template = Array("/tmp/watchfob-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    for name in ["run", "downloads"] {
      try FileManager.default.createDirectory(
        atPath: folder + "/" + name, withIntermediateDirectories: false,
        attributes: [.posixPermissions: 0o700])
    }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  var downloads: String { folder + "/downloads" }

  /// What programs find around them there: a home of their own.
  var environment: [String: String] {
    [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": folder,
      "XDG_DATA_HOME": folder + "/data", "XDG_RUNTIME_DIR": folder + "/run", "TZ": "UTC",
      "LC_ALL": "C.UTF-8",
    ]
  }

  /// Writes a file, and returns its path.
  func file(_ name: String, _ contents: Data) throws -> String {
    let path = folder + "/" + name
    try contents.write(to: URL(fileURLWithPath: path))
    return path
  }
}

/// A program that runs to its end.
enum Shell {
  struct Outcome: CustomStringConvertible {
    let status: Int32
    let output: String
    let errors: String

    var description: String { "status \(status), output '\(output)', errors '\(errors)'" }
  }

  /// The folder of the programs that were built with the tests.
  static let products: String = {
    let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return ((tests ?? CommandLine.arguments[0]) as NSString).deletingLastPathComponent
  }()

  /// - Parameter command: a path, or a name that is looked for in PATH; then its arguments.
  static func run(
    _ command: [String], input: String = "", environment: [String: String]? = nil
  ) throws -> Outcome {
    let process = Process()
    let pipes = (input: Pipe(), output: Pipe(), errors: Pipe())
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    if let environment { process.environment = environment }
    process.standardInput = pipes.input
    process.standardOutput = pipes.output
    process.standardError = pipes.errors
    signal(SIGPIPE, SIG_IGN)
    try process.run()
    try? pipes.input.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? pipes.input.fileHandleForWriting.close()
    // What these programs write fits into a pipe.
    let output = try pipes.output.fileHandleForReading.readToEnd() ?? Data()
    let errors = try pipes.errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }
}
