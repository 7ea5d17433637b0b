import Glibc
import HIDAPITransport
import JSON
import TokenClient

/// `fob doctor`: what keeps a token on USB from being used.
enum Doctor {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    guard !invocation.has(.udevRule) else { return console.write(UdevRule.text) }
    let findings = examine()
    let failures = findings.filter { $0.verdict == .failed }
    let status = failures.last?.check.status ?? .ok
    if invocation.has(.json) {
      let object: JSON = [
        "status": .integer(Int(status.rawValue)), "checks": .array(findings.map(\.json)),
      ]
      console.line(object.indentedText)
    } else {
      for finding in findings { console.line(finding.text(width: min(console.width, 100))) }
      console.line()
      console.line(Self.summary(failures: failures.count))
    }
    // All has been said.
    if status != .ok { throw FobError(status, "") }
  }

  static func summary(failures: Int) -> String {
    switch failures {
    case 0: "All is well."
    case 1: "One check failed."
    default: "\(failures) checks failed; begin with the first."
    }
  }

  private static func examine() -> [Finding] {
    var tokens: [USBToken] = []
    var trouble: [Finding] = []
    do throws(TransportFailure) {
      tokens = try USBToken.all()
    } catch {
      trouble = [.failed(.library, "libhidapi does not start", error.description)]
    }
    let machine = SystemDiagnosis(
      tree: .machine, build: HIDLibrary.build, version: HIDLibrary.version, tokens: tokens,
      isRoot: geteuid() == 0, mayOpen: { access($0, R_OK | W_OK) == 0 })
    return trouble + machine.findings
      + machine.reachable.flatMap {
        TokenDiagnosis.findings(
          over: HIDAPITransport(.found($0)), serialNumber: $0.serialNumber)
      }
  }
}

extension Option {
  static let udevRule = Option(
    "udev-rule", "print the udev rule that opens tokens to people, and nothing else",
    excludes: ["json"])
}

extension Command {
  static let doctor = Command(
    name: "doctor", section: .token,
    summary: "Find out what keeps a token on USB from being used, and what to do",
    details: [
      "Checks the library, the kernel, the udev rule, the devices, the permissions of their files, "
        + "whether each token answers, and its clock; a line for each, and below it what to do.",
      "Ends with 0 when nothing failed, notes or not; else with what belongs to the last check that "
        + "failed: 1 for library, kernel and rule, 3 for device and permission, 10 for answer, 7 for "
        + "clock.",
    ],
    options: [.json, .udevRule],
    examples: [
      Example("fob doctor", "See what is wrong, if anything"),
      Example(
        "fob doctor --udev-rule | sudo tee \(UdevRule.installed)",
        "Let yourself use tokens without being root"),
    ],
    statuses: [.noToken, .clock, .disconnected],
    run: Doctor.run)
}
