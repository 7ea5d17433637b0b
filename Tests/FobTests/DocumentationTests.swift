import Foundation
import Testing

@testable import fob

@Suite("Manual page and completions")
struct DocumentationTests {
  private let page = ManualPage(commands: CommandTable.all).text

  @Test("the manual page in the repository is the one that the commands make")
  func current() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("HostTools/fob/man/fob.1")
    let kept = try String(contentsOf: file, encoding: .utf8)
    #expect(kept == page, "make it anew: fob manual > HostTools/fob/man/fob.1")
  }

  @Test("no line of the manual page is a request by accident")
  func requests() {
    let known = ["TH", "SH", "SS", "PP", "TP", "B", "I", "RS", "RE", "nf", "fi"]
    for line in page.split(separator: "\n") where line.hasPrefix(".") || line.hasPrefix("'") {
      let request = line.dropFirst().prefix { $0.isLetter }
      #expect(known.contains(String(request)), "\(line)")
    }
  }

  @Test("the shells take the completions", arguments: ["bash", "zsh", "fish"])
  func syntax(_ shell: String) throws {
    guard let program = Shell.path(of: shell) else { return }
    let script = try Desk().run("completions", shell, token: nil)
    #expect(script.status == 0)
    let check = try Shell.run(program, ["-n", "/dev/stdin"], input: script.output)
    #expect(check.status == 0, "\(check)")
    #expect(check.errors.isEmpty)
  }

  /// What bash offers for a line with the cursor at its end.
  private func offers(_ line: String, _ desk: Desk) throws -> [String] {
    let script = try desk.run("completions", "bash").output
    let words = line.split(separator: " ", omittingEmptySubsequences: false)
    let program = """
      PATH=\((Desk.fob as NSString).deletingLastPathComponent):$PATH
      \(script)
      COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_CWORD=\(words.count - 1)
      _fob; printf '%s\\n' "${COMPREPLY[@]}"
      """
    var environment = desk.environment(token: "sim")
    environment["LINE"] = line
    let outcome = try Shell.run(
      "/bin/bash", ["--norc", "-c", program], environment: environment)
    #expect(outcome.errors.isEmpty, "\(outcome)")
    return outcome.output.split(separator: "\n").map(String.init).sorted()
  }

  @Test("bash completes commands, their options and their values")
  func bash() throws {
    let desk = try Desk()
    #expect(try offers("fob de", desk).contains("devices"))
    #expect(try offers("fob clock ", desk) == ["policy", "status", "sync"])
    #expect(try offers("fob add x --alg", desk) == ["--algorithm"])
    #expect(try offers("fob add x --algorithm sha2", desk) == ["sha256"])
    #expect(try offers("fob add x --algorithm=sha5", desk) == ["sha512"])
    #expect(try offers("fob --token sim re", desk) == ["recover", "remove", "rename", "reset"])
    #expect(try offers("fob completions ", desk) == ["bash", "fish", "zsh"])
  }

  @Test("fish completes commands, their options and their values")
  func fish() throws {
    guard let fish = Shell.path(of: "fish") else { return }
    let desk = try Desk()
    try desk.add("two words")
    let script = try desk.file("fob.fish", desk.run("completions", "fish").output)
    func offers(_ line: String) throws -> [Substring] {
      var environment = desk.environment(token: "sim")
      environment["PATH"] =
        (Desk.fob as NSString).deletingLastPathComponent + ":" + (environment["PATH"] ?? "")
      let outcome = try Shell.run(
        fish, ["--no-config", "-c", "source \(script); complete -C '\(line)'"],
        environment: environment)
      #expect(outcome.errors.isEmpty, "\(outcome)")
      return outcome.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
    }
    #expect(try offers("fob de").contains("devices"))
    #expect(try offers("fob clock ") == ["policy", "status", "sync"])
    #expect(try offers("fob add x --alg") == ["--algorithm"])
    #expect(try offers("fob add x --algorithm sha2") == ["sha256"])
    #expect(try offers("fob --token sim rem") == ["remove"])
    #expect(try offers("fob --to") == ["--token"])
    #expect(try offers("fob code tw") == ["two words"])
  }

  @Test("bash completes the names on the token, with colons and spaces in them")
  func bashNames() throws {
    let desk = try Desk()
    try desk.add("Shop:ann")
    try desk.add("two words")
    // bash replaces only what follows the last colon.
    #expect(try offers("fob code Shop:", desk) == ["ann"])
    #expect(try offers("fob code tw", desk) == ["two\\ words"])
    #expect(try offers("fob login ", desk) == ["Shop:ann", "two\\ words"])
  }
}

/// Other programs.
enum Shell {
  static func path(of program: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
  }

  static func run(
    _ program: String, _ arguments: [String], input: String = "",
    environment: [String: String]? = nil
  ) throws -> Outcome {
    let process = Process()
    let pipes = (input: Pipe(), output: Pipe(), errors: Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    if let environment { process.environment = environment }
    process.standardInput = pipes.input
    process.standardOutput = pipes.output
    process.standardError = pipes.errors
    try process.run()
    signal(SIGPIPE, SIG_IGN)
    try? pipes.input.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try? pipes.input.fileHandleForWriting.close()
    let output = try pipes.output.fileHandleForReading.readToEnd() ?? Data()
    let errors = try pipes.errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
      errors: String(decoding: errors, as: UTF8.self))
  }
}
