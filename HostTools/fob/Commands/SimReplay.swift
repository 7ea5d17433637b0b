import TokenCore
import TokenSimulator
import VirtualUSB

/// `fob sim replay`: what a recording's host said, said again to another token.
enum SimReplay {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let recording: USBRecording
    do throws(RecordingFailure) {
      recording = try USBRecording(at: invocation.arguments[0])
    } catch {
      throw FobError(error)
    }
    do throws(ImageFailure) {
      var token = LiveToken(board: try board(invocation), realTime: false)
      try recording.replay(on: &token) { console.line(line($0)) }
    } catch {
      throw FobError(ControlFailure.image(error))
    }
  }

  /// A copy of a token: what is played to it leaves the file as it is.
  private static func board(_ invocation: Invocation) throws(ImageFailure) -> SimulatedBoard {
    guard let path = invocation.text(.replayImage) else { return .new() }
    return try TokenImage(opening: path, forReading: true).readBoard()
  }

  /// A direction and 64 bytes in hexadecimal.
  private static func line(_ step: USBRecording.Step) -> String {
    switch step {
    case .sent(let report): "> " + hex(report)
    case .received(let report): "< " + hex(report)
    }
  }

  private static func hex(_ report: Report) -> String {
    report.bytes.indices.map { index in
      let digits = String(report.bytes[index], radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}

extension Option {
  static let replayImage = Option(
    "image", value: "FILE", kind: .file,
    "play it to a copy of this token; by default to a new one")
}

extension Command {
  static let simReplay = Command(
    name: "sim replay", section: .simulator,
    summary: "Play a recording's reports to a simulated token in memory",
    details: [
      "Prints a line for each report: '>' for what the host sent then, '<' for what the token answers "
        + "now. The time between two reports passes for the token, in no time.",
      "The lines hold what the recording holds: keys and codes.",
    ],
    arguments: [Argument(name: "FILE", summary: "a recording, see --record", kind: .file)],
    options: [.replayImage],
    examples: [Example("fob sim replay bus.pcapng", "See what a new token says to the same")],
    statuses: [.badInput],
    run: SimReplay.run)
}
