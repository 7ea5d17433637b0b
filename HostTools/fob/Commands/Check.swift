import Conformance
import Loopback
import PicoEmulator
import QEMUTransport
import TokenClient
import TokenSimulator

/// `fob check`: whether a token does what Docs/protocol.md says.
enum CheckRun {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    if let count = invocation.number(.soak) { return try Soak.run(count, invocation, console) }
    let pattern = invocation.text(.only)
    let checks = Suite.checks(matching: pattern)
    guard !checks.isEmpty else { throw FobError(refusal: .nothingChosen(pattern: pattern ?? "")) }
    if invocation.has(.listChecks) { return CheckText.list(checks, invocation, console) }
    let choice = try TokenChoice(invocation)
    let transport = try choice.transport(ifAbsent: .refused, console)
    let file = try invocation.text(.junit).map { path throws(FobError) in
      try ReportFile(creating: path)
    }
    let stop = Stop()
    let hands = try hands(for: transport, choice, invocation, console, stop)
    var password: SecretBytes?
    let title = Printable.text(choice.text)
    if invocation.has(.passwordFile) {
      password = try Password.current(invocation, console, of: title)
    }

    let report: CheckReport
    do throws(Refusal) {
      report = try check(transport, hands, password, invocation, console, stop)
    } catch {
      guard error == .locked, console.isInteractive else { throw FobError(refusal: error) }
      password = try Password.current(invocation, console, of: title)
      do throws(Refusal) {
        report = try check(transport, hands, password, invocation, console, stop)
      } catch {
        throw FobError(refusal: error)
      }
    }
    try file?.write(JUnitReport(report).text)
    try conclude(report, invocation, console)
  }

  private static func check(
    _ transport: any TokenTransport, _ hands: any Hands, _ password: SecretBytes?,
    _ invocation: Invocation, _ console: Console, _ stop: Stop
  ) throws(Refusal) -> CheckReport {
    let suite = Suite(transport, hands: hands, password: password)
    if let choice = try? TokenChoice(invocation) { suite.judgeBody = choice.body(claimed:) }
    suite.isCancelled = { stop.isAsked }
    let progress = CheckProgress(console, isQuiet: invocation.has(.json))
    return try SignalHold.during { () throws(Refusal) in
      try suite.run(only: invocation.text(.only), slow: invocation.has(.slow), progress.show)
    }
  }

  /// What can press the button and pull the cable: the simulator, the person, or nobody.
  private static func hands(
    for transport: any TokenTransport, _ choice: TokenChoice, _ invocation: Invocation,
    _ console: Console, _ stop: Stop
  ) throws(FobError) -> any Hands {
    if let socket = invocation.text(.control) {
      let control = SimulatorControl(.server(socket: try TokenChoice.withOwnControl(socket)))
      do throws(ControlFailure) {
        try control.perform(.status)
      } catch {
        throw FobError(error)
      }
      return SimulatorHands(control.perform)
    }
    if let loopback = transport as? LoopbackTransport { return SimulatorHands(loopback.perform) }
    if let emulated = transport as? QEMUTransport { return emulated.hands }
    if let pico = transport as? PicoTransport { return PicoHands(pico) }
    if case .socket(let path) = choice {
      let control = SimulatorControl(.server(socket: path))
      // A socket may be served by something that has no control channel.
      if (try? control.perform(.status)) != nil { return SimulatorHands(control.perform) }
    }
    return console.isInteractive ? PersonHands(console, stop) : NoHands()
  }

  private static func conclude(
    _ report: CheckReport, _ invocation: Invocation, _ console: Console
  ) throws(FobError) {
    if invocation.has(.json) {
      console.line(CheckText.json(report).indentedText)
    } else {
      console.line(CheckText.summary(report))
    }
    if let prefix = report.leftBehind {
      console.note(
        "fob: Credentials with '\(prefix)' in their names may be left on the token; 'fob list' "
          + "shows them, and 'fob remove' takes them off.")
    }
    if report.wasInterrupted { throw FobError(.interrupted, "") }
    if let loss = report.loss { throw FobError(.disconnected, loss.description) }
    if report.failed > 0 { throw FobError(.failed, "") }
  }
}

/// Whether the person wants to stop: Ctrl-C, which is held back so that everything is tidied up.
final class Stop {
  private var wasAsked = false

  /// Looks for a signal. Once there was one, it stays.
  var isAsked: Bool {
    if !wasAsked { wasAsked = SignalHold.isInterrupted() }
    return wasAsked
  }

  func ask() {
    wasAsked = true
  }
}

extension FobError {
  init(refusal: Refusal) {
    let status: ExitStatus
    switch refusal {
    case .nothingChosen: status = .usage
    case .transport(let failure): status = FobError(failure).status
    case .unfit: status = .failed
    case .locked, .wrongPassword, .hasPIN, .unknownKey: status = .locked
    case .noRoom: status = .occupied
    case .updateWaiting: status = .notConfirmed
    case .interrupted: status = .interrupted
    }
    self.init(status, refusal.description)
  }
}

extension Option {
  static let only = Option(
    "only", value: "PATTERN", "the checks with this in their id; '*' stands for any text")
  static let slow = Option("slow", "the slow checks too: a full token, 15 s without a press")
  static let junit = Option(
    "junit", value: "FILE", kind: .file, "write the results to this file as JUnit's XML")
  static let control = Option(
    "control", value: "SOCKET", kind: .file,
    "the socket of the simulator that the token is, where it is reached another way")
  static let listChecks = Option(
    "list", "list the checks, and check nothing", excludes: ["slow", "junit"])
}

extension Command {
  static let check = Command(
    name: "check", section: .token,
    summary: "Check that the token keeps every rule of the protocol",
    details: [
      "For makers of tokens and for the doubtful: a line a check, ✓ passed, ✗ failed, with what was "
        + "sent, expected and received, or – not checked, with the reason.",
      "Nothing that is on the token is changed or wiped. The checks put credentials of their own on "
        + "it, whose names begin with 'fob-check-', need room for \(Suite.neededSlots) of them, and "
        + "take them off again, also after a failure or Ctrl-C; at the end they look whether all is "
        + "as it was. They send RESET only to a token on which nothing is stored, and move no clock that "
        + "credentials depend on. A token with a PIN is not checked.",
      "On a token without a password they set the password '\(Suite.ownPassword)' for a moment "
        + "and clear it. Should the cable be pulled just then, 'fob password clear' does it.",
      "The button is pressed, and the cable pulled, by the simulator, or by you when you are asked. "
        + "Let no other program use the token meanwhile.",
    ],
    options: [.only, .slow, .listChecks, .junit, .soak, .json, .control] + Option.connection,
    examples: [
      Example("fob check", "Check the token"),
      Example("fob check --only lock", "Only what the protocol says about LOCK"),
      Example("fob check --soak 1000", "Send and receive a lot, and see that nothing is lost"),
      Example("fob check --slow --junit check.xml", "All of it, for continuous integration"),
    ],
    statuses: [
      .noToken, .occupied, .locked, .notConfirmed, .badInput, .disconnected, .interrupted,
    ],
    run: CheckRun.run)
}
