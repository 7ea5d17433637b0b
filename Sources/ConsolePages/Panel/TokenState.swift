import JSON
import OATH
import TokenClient
import TokenCore
import TokenSimulator

/// How the simulated token is at this moment.
struct TokenState {
  struct Entry {
    let name: String
    /// The code, or why there is none.
    let code: String
    /// Seconds it is still shown for, and of how many; nil without a code.
    var left: Double?
    var period: Int64?
  }

  var serial = ""
  var isPlugged = false
  var hasBattery = false
  var button = Button.Mode.automatic
  /// What its light shows; nil while it has no current.
  var indication: Indication?
  var codes: [Entry] = []
  var clock = "unknown"
  var bound = "unknown"
  var difference = "unknown"
  /// What keeps it from being shown, in a sentence; empty if nothing does.
  var trouble = ""

  /// Asks the simulator at `socket`.
  init(asking socket: String, trouble: String? = nil) {
    do throws(ControlFailure) {
      let status = try SimulatorControl(.server(socket: socket), patience: 1_000).perform(.status)
      serial = status.json["serial"]?.string ?? ""
      isPlugged = status.isPlugged
      hasBattery = status.hasBattery
      button = status.button
      indication = status.indication ?? .idle
    } catch {
      self.trouble = error.description
      return
    }
    if isPlugged {
      do throws(TokenFailure) {
        try ask(socket)
      } catch {
        self.trouble = "\(error)"
      }
    }
    if let trouble { self.trouble = trouble }
  }

  private mutating func ask(_ socket: String) throws(TokenFailure) {
    let session = try TokenSession(over: UnixSocketTransport(path: socket))
    defer { session.close() }
    let status = try session.clockStatus()
    if let reading = status.reading {
      clock = TimeText.clock(Seconds(reading.time.microseconds / 1_000_000))
      bound = "±\(Self.inSeconds(reading.bound)) s"
      difference = "\(Self.inSeconds(reading.difference)) s"
    } else {
      clock = status.state == .lost ? "lost" : "not set"
      (bound, difference) = ("none", "none")
    }
    guard !session.isLocked else {
      trouble = "The token is locked by its password."
      return
    }
    codes = try session.calculateAll().map(Self.entry)
  }

  private static func entry(_ item: CalculatedCredential) -> Entry {
    let name = item.credential.name.description
    switch item.outcome {
    case .code(let issued):
      guard let validity = issued.validity else { return Entry(name: name, code: issued.text) }
      return Entry(
        name: name, code: issued.text,
        left: Double(validity.remaining.rawValue) / 1_000_000, period: validity.period.rawValue)
    case .eventBased: return Entry(name: name, code: "counts")
    case .touchNeeded: return Entry(name: name, code: "wants its button")
    case .clockUncertain: return Entry(name: name, code: "clock uncertain")
    case .clockUnset: return Entry(name: name, code: "clock not set")
    case .clockLost: return Entry(name: name, code: "clock lost")
    }
  }

  /// With two decimals.
  private static func inSeconds(_ time: Microseconds) -> String {
    let hundredths = (time.rawValue.magnitude + 5_000) / 10_000
    let digits = String(100 + hundredths % 100).dropFirst()
    return "\(time.rawValue < 0 && hundredths > 0 ? "-" : "")\(hundredths / 100).\(digits)"
  }

  /// Texts by the id of the element that shows them.
  var texts: [(id: String, text: String)] {
    [
      ("clock-time", clock), ("clock-bound", bound), ("clock-difference", difference),
      ("token-cable", isPlugged ? "in" : "out"), ("token-battery", hasBattery ? "in" : "out"),
      ("token-light", light), ("token-trouble", trouble),
    ]
  }

  private var light: String {
    switch indication {
    case .idle: "dark"
    case .working: "working"
    case .wantsTouch: "press the button"
    case .wink: "winking"
    case nil: "off"
    }
  }

  var isLit: Bool { indication == .wantsTouch || indication == .wink }

  var json: JSON {
    [
      "texts": .object(JSON.Members(texts.map { ($0.id, .string($0.text)) })),
      "isPlugged": .bool(isPlugged), "isLit": .bool(isLit),
      "codes": .array(
        codes.map {
          [
            "name": .string($0.name), "code": .string($0.code),
            "left": $0.left.map(JSON.number) ?? .null,
            "period": $0.period.map { .integer(Int($0)) } ?? .null,
          ]
        }),
    ]
  }
}
