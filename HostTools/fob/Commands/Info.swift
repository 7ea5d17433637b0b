import JSON
import TokenClient
import TokenCore

/// `fob info`: what the token says about itself.
enum Info {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: [])
    let information = try connection.ask { session throws(TokenFailure) in
      try session.information()
    }
    let clock = try connection.ask { session throws(TokenFailure) in try session.clockStatus() }
    let version = connection.session.framing.deviceVersion
    // Firmware cannot tell an emulated chip from a real one; the person's choice does.
    let body = connection.choice.body(claimed: information.body)
    if invocation.has(.json) {
      var object: JSON = [
        "body": .string(body.text), "token": .string(connection.choice.text),
        "serial": .string(information.serialNumber.text),
        "firmware": .string(version.description),
        "credentials": .integer(information.stored), "capacity": .integer(information.capacity),
        "password": .bool(information.isAccessKeySet), "clock": .string(clock.state.text),
        "pin": .bool(information.pinTries != nil),
        "updateWaiting": .bool(information.staging != .none),
      ]
      object["pinTries"] = information.pinTries.map { .integer($0) }
      return console.line(object.indentedText)
    }
    console.line(body.sentence)
    let rows = [
      ["token", Printable.text(connection.choice.text)],
      ["serial", information.serialNumber.text],
      ["firmware", version.description],
      ["credentials", "\(information.stored) of \(information.capacity)"],
      ["password", information.isAccessKeySet ? "set" : "none"],
      ["PIN", pin(information.pinTries)],
      ["clock", ClockText.line(clock)],
      ["update", staging(information.staging)],
    ]
    for row in rows { console.line(Printable.padded(row[0], to: 13) + row[1]) }
  }

  private static func pin(_ tries: Int?) -> String {
    switch tries {
    case nil: "none"
    case 0?: "blocked; 'fob reset' is the way out"
    case 1?: "set, 1 try left"
    case let tries?: "set, \(tries) tries left"
    }
  }

  private static func staging(_ staging: TokenInformation.Staging) -> String {
    switch staging {
    case .none: "none is waiting"
    case .hidden: "one is waiting to be confirmed"
    case .update(let name): "one of '\(name)' is waiting to be confirmed"
    }
  }
}

extension Body {
  /// As in JSON.
  var text: String {
    switch self {
    case .hardware: "hardware"
    case .simulated: "simulated"
    case .emulated: "emulated"
    }
  }

  /// The first thing that a person has to know about a token.
  var sentence: String {
    switch self {
    case .hardware: "A hardware token."
    case .simulated: "A simulated token: software, no hardware."
    case .emulated: "An emulated token: firmware on a simulated processor, no hardware."
    }
  }
}

extension Command {
  static let info = Command(
    name: "info", section: .token, summary: "Show what the token says about itself",
    options: [.json, .token],
    examples: [Example("fob info", "Show serial number, room, password and clock")],
    statuses: [.noToken, .badInput, .disconnected],
    run: Info.run)
}
