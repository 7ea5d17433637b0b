import Glibc
import TokenSimulator
import VirtualCard

/// `fob sim pcsc`: a simulated token as a smart card in PC/SC's virtual reader.
enum SimPCSC {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let reader = try reader(invocation)
    let socket = try SimRun.socket(invocation, isForCommand: false)
    var server: SimulatorServer? = try SimRun.server(at: socket, SimRun.token(invocation, console))
    server?.attach(VirtualCard(reader: reader) { console.note(sentence($0, reader)) })
    guard let stopSwitch = server?.stopSwitch else { return }
    try stopSwitch.whileHandling([SIGINT, SIGTERM, SIGHUP]) { () throws(FobError) in
      console.line("FOB_TOKEN=unix:\(socket)")
      try console.flush()
      console.note(
        "A simulated token, software and no hardware, is the card for the reader at "
          + "\(Printable.text(reader.text)). Ctrl-C ends it.")
      if !reader.isLoopback {
        console.note("That is another computer: codes and keys go there without encryption.")
      }
      try SimRun.serve(server.take())
    }
  }

  private static func reader(_ invocation: Invocation) throws(FobError) -> ReaderAddress {
    do throws(ReaderFailure) {
      return try ReaderAddress(
        host: invocation.text(.readerHost) ?? ReaderAddress.usualHost,
        port: UInt16(invocation.number(.readerPort) ?? UInt64(ReaderAddress.usualPort)))
    } catch {
      throw FobError(.failed, Printable.text(error.description))
    }
  }

  private static func sentence(_ event: ReaderEvent, _ reader: ReaderAddress) -> String {
    let place = Printable.text(reader.text)
    return switch event {
    case .inserted:
      "The card is in the reader at \(place)."
    case .lost:
      "The reader at \(place) is gone. The card goes in again when it is back."
    case .removed:
      "The token is off its cable, and the card out of the reader."
    case .unreachable(let failure):
      "There is no reader at \(place) yet: \(failure). Start pcscd, with vsmartcard-vpcd "
        + "installed; the card goes in as soon as it is there."
    case .silent:
      "What listens at \(place) asks the card nothing: another card is in that reader, or it is "
        + "no vpcd. The card goes in when it asks."
    }
  }
}

extension Option {
  static let readerHost = Option(
    "host", value: "HOST", "where vpcd listens, \(ReaderAddress.usualHost) by default")
  static let readerPort = Option(
    "port", value: "PORT", kind: .number(1...UInt64(UInt16.max)),
    "vpcd's port, \(ReaderAddress.usualPort) by default")
}

extension Command {
  static let simPCSC = Command(
    name: "sim pcsc", section: .simulator,
    summary: "Put a simulated token into PC/SC's virtual reader, until Ctrl-C",
    details: [
      "The reader is vpcd, which pcscd loads when vsmartcard-vpcd is installed. Programs for "
        + "smart cards then find the token there, as ykman does with --reader 'Virtual PCD 00 00'.",
      "The token is served at a socket as well, as by 'fob sim run': press its button with 'fob sim "
        + "press'. Off its cable, the card is out of the reader.",
      "Any program on this computer that may use PC/SC can read the token's codes meanwhile.",
    ],
    options: [.readerHost, .readerPort, .socket, .image, .memory, .unset],
    examples: [
      Example("fob sim pcsc", "Put your simulated token into the reader"),
      Example("fob sim pcsc --memory --port 35964", "Put a new token into the second reader"),
    ],
    statuses: [.noToken, .badInput],
    run: SimPCSC.run)
}
