import JSON
import TokenClient
import TokenCore

/// How a token's clock is written down.
enum ClockText {
  /// All in one line.
  static func line(_ status: ClockStatus) -> String {
    guard let reading = status.reading else { return status.state.words }
    return "\(DurationText.local(reading.time)), \(difference(reading))"
  }

  static func difference(_ reading: ClockStatus.Reading) -> String {
    let words = DurationText.of(reading.difference)
    if reading.difference == .zero { return "the same as this computer's" }
    return "\(words) \(reading.difference > .zero ? "ahead of" : "behind") this computer's"
  }

  /// With three decimals: what the token learns is a few parts in a billion.
  static func partsPerMillion(_ frequency: PartsPerBillion) -> String {
    let digits = String(1000 + frequency.rawValue.magnitude % 1000).dropFirst()
    let sign = frequency.rawValue < 0 ? "-" : ""
    return "\(sign)\(frequency.rawValue.magnitude / 1000).\(digits)"
  }

  static func json(_ status: ClockStatus) -> JSON {
    var object: JSON = [
      "state": .string(status.state.text), "policy": .string(status.policy.text),
    ]
    guard let reading = status.reading else { return object }
    object["time"] = .number(Double(reading.time.microseconds) / 1_000_000)
    object["bound"] = .number(DurationText.seconds(reading.bound))
    object["difference"] = .number(DurationText.seconds(reading.difference))
    object["lastCorrected"] = .number(Double(reading.lastSync.microseconds) / 1_000_000)
    object["allowance"] = .number(DurationText.seconds(reading.allowance))
    object["frequencyPPB"] = .integer(Int(reading.frequency.rawValue))
    return object
  }
}

extension ClockPolicy {
  /// As on the command line and in JSON.
  var text: String {
    switch self {
    case .refuse: "refuse"
    case .wipe: "wipe"
    }
  }
}

extension ClockState {
  /// As in JSON.
  var text: String {
    switch self {
    case .unset: "unset"
    case .running: "running"
    case .lost: "lost"
    }
  }

  var words: String {
    switch self {
    case .unset: "never set; 'fob clock sync' sets it"
    case .running: "running"
    case .lost: "lost the time when the token lost power; 'fob clock sync' says what helps"
    }
  }
}
