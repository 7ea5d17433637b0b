import JSON
import TokenCore
import TokenSimulator

/// `fob sim press`, `unplug`, `warp` and so on: what hands do to a real token.
enum SimControl {
  /// Carries out a request on the chosen token, running or in its file.
  static func perform(
    _ request: ControlRequest, _ invocation: Invocation
  ) throws(FobError) -> TokenStatus {
    guard let choice = try TokenChoice.explicit(in: invocation) else {
      throw TokenChoice.noneChosen
    }
    let place: SimulatorControl.Place
    switch choice {
    case .image(let path): place = .image(file: path)
    case .socket(let path): place = .server(socket: try TokenChoice.withOwnControl(path))
    case .emulated:
      throw FobError(
        .noToken, "A firmware in QEMU has no control channel; choose a simulated token (sim).")
    case .emulatedPico:
      throw FobError(
        .noToken, "An emulated Pico has no control channel; choose a simulated token (sim).")
    case .usb, .pluggedIn:
      throw FobError(
        .noToken,
        "A token on USB has no control channel; choose the socket of the simulator that serves it "
          + "(unix:SOCKET).")
    }
    do throws(ControlFailure) {
      return try SimulatorControl(place).perform(request)
    } catch {
      // A snapshot that is not there is another thing than a token that is not.
      if case .image(let failure) = error, let file = request.file, failure.path.hasSuffix(file) {
        throw FobError(.badInput, failure.description)
      }
      throw FobError(error)
    }
  }

  /// A command that does one thing and says what became of it.
  static func command(
    _ name: String, _ summary: String, details: [String] = [], arguments: [Argument] = [],
    options: [Option] = [],
    example: Command.Example, statuses: [ExitStatus] = [.noToken, .badInput, .disconnected],
    _ request: @escaping @Sendable (Invocation) throws(FobError) -> ControlRequest,
    done: @escaping @Sendable (TokenStatus) -> String
  ) -> Command {
    Command(
      name: "sim \(name)", section: .simulator, summary: summary, details: details,
      arguments: arguments, options: options + [.token], examples: [example], statuses: statuses
    ) { (invocation, console) throws(FobError) in
      let status = try perform(try request(invocation), invocation)
      console.note(done(status))
    }
  }

  static func showStatus(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let status = try perform(.status, invocation)
    if invocation.has(.json) { return console.line(status.json.indentedText) }
    console.line(status.body.sentence)
    var rows = [
      ["serial", status.serialNumber.text],
      ["plugged in", status.isPlugged ? "yes" : "no"],
      ["battery", status.hasBattery ? "in" : "out"],
      ["button", status.button.name],
    ]
    if let indication = status.json["indication"]?.string {
      rows.append(["indicator", indication])
    }
    for row in rows { console.line(Printable.padded(row[0], to: 13) + row[1]) }
  }
}

extension ControlRequest {
  /// The file that it names.
  fileprivate var file: String? {
    switch self {
    case .snapshot(let file), .restore(let file): file
    default: nil
    }
  }
}

extension FobError {
  init(_ failure: ControlFailure) {
    let status: ExitStatus =
      switch failure {
      case .notRunning, .permissionDenied, .system, .image(.notFound), .image(.inUse): .noToken
      case .timedOut, .noAnswer: .disconnected
      case .refused, .needsServer, .buttonNotManual: .failed
      case .malformedRequest, .image: .badInput
      }
    self.init(status, failure.description)
  }
}

extension Command {
  static let simPress = SimControl.command(
    "press", "Press the button of a running token",
    details: ["The button has to be 'manual'; see 'fob help sim button'."],
    example: Example("fob sim press", "Let a command go on that waits for the button"),
    statuses: [.noToken, .disconnected]
  ) { _ in
    .press
  } done: { _ in
    "The button was pressed."
  }

  static let simPlug = SimControl.command(
    "plug", "Plug a running token in again",
    example: Example("fob sim plug", "Put it back on its cable"),
    statuses: [.noToken, .disconnected]
  ) { _ in
    .plug
  } done: { _ in
    "The token is plugged in."
  }

  static let simUnplug = SimControl.command(
    "unplug", "Pull a running token off its cable",
    details: ["What it kept in RAM is gone: an update that waits, a password that was proved."],
    example: Example("fob sim unplug", "See what becomes of a command in the middle"),
    statuses: [.noToken, .disconnected]
  ) { _ in
    .unplug
  } done: { _ in
    "The token is off its cable."
  }

  static let simSuspend = SimControl.command(
    "suspend", "Let a running token's USB bus sleep for a moment",
    details: [
      "The token keeps its power, and ends what a computer's sleep ends: the password or the PIN that "
        + "was proved, an update that waits, a command that waits for the button."
    ],
    example: Example("fob sim suspend", "See what a program makes of a laptop that slept"),
    statuses: [.noToken, .disconnected]
  ) { _ in
    .suspend
  } done: { _ in
    "The token's bus slept, and is awake again."
  }

  static let simButton = SimControl.command(
    "button", "Choose who presses the button",
    arguments: [
      Argument(
        name: "MODE",
        summary: "automatic: pressed whenever it is wanted; manual: by 'fob sim press'; never",
        kind: .choice(Button.Mode.allCases.map(\.name)))
    ],
    example: Example("fob sim button manual", "Press it yourself from now on")
  ) { invocation in
    .button(Button.Mode(name: invocation.arguments[0]) ?? .automatic)
  } done: {
    "The button is \($0.button.name)."
  }

  static let simBattery = SimControl.command(
    "battery", "Take the battery out, or put it in",
    details: ["Without a battery the clock stops when the token is off its cable."],
    arguments: [
      Argument(name: "STATE", summary: "in or out", kind: .choice(["in", "out"]))
    ],
    example: Example("fob sim battery out", "See what a token does that lost the time")
  ) { invocation in
    .battery(present: invocation.arguments[0] == "in")
  } done: {
    "The battery is \($0.hasBattery ? "in" : "out")."
  }

  static let simWarp = SimControl.command(
    "warp", "Let time pass for the token alone",
    details: [
      "The clock of this computer stays as it is, so that the two differ afterwards.",
      "A crystal runs slower the farther it is from 25 °C: 3.4 ppm at 35 °C, which is 26 s in 90 "
        + "days.",
    ],
    arguments: [
      Argument(name: "TIME", summary: "a number with s, min, h or d after it: 90s, 2h, 30d")
    ],
    options: [.temperature],
    example: Example("fob sim warp 90d --temperature 35", "Leave it in a warm place for 90 days")
  ) { invocation throws(FobError) in
    .warp(
      try WarpTime.parse(invocation.arguments[0]),
      celsius: try invocation.text(.temperature).map(WarpTime.celsius) ?? 25)
  } done: { _ in
    "The time has passed."
  }

  static let simSnapshot = SimControl.command(
    "snapshot", "Write the token as it is now to a new file",
    details: ["The file holds the token's secrets, and only you can read it."],
    arguments: [Argument(name: "FILE", summary: "the file to make", kind: .file)],
    example: Example("fob sim snapshot before.image", "Keep what is there before trying something"),
    statuses: [.noToken, .badInput, .disconnected]
  ) {
    .snapshot(file: $0.arguments[0])
  } done: { _ in
    "The snapshot is made."
  }

  static let simRestore = SimControl.command(
    "restore", "Put the token back as a snapshot has it",
    arguments: [Argument(name: "FILE", summary: "a snapshot of this token", kind: .file)],
    example: Example("fob sim restore before.image", "Go back to what was there")
  ) {
    .restore(file: $0.arguments[0])
  } done: { _ in
    "The token is as it was."
  }

  static let simStop = SimControl.command(
    "stop", "End a simulator that 'fob sim run' started",
    example: Example("fob sim stop", "End it; the token's image stays"),
    statuses: [.noToken, .disconnected]
  ) { _ in
    .stop
  } done: { _ in
    "The simulator has ended."
  }

  static let simStatus = Command(
    name: "sim status", section: .simulator, summary: "Show cable, battery, button and indicator",
    options: [.json, .token],
    examples: [Example("fob sim status", "See whether the token waits for its button")],
    statuses: [.noToken, .badInput, .disconnected],
    run: SimControl.showStatus)
}
