import JSON
import TokenClient
import TokenCore

/// How codes are written down.
enum CodeReport {
  /// Name, code, and what is left of it.
  static func row(_ item: CalculatedCredential) -> [String] {
    let name = item.credential.name.description
    switch item.outcome {
    case .code(let issued): return [name, issued.text, issued.validity.map(left) ?? ""]
    case .eventBased: return [name, "–", "counts; ask by name"]
    case .touchNeeded: return [name, "–", "wants the button; ask by name"]
    case .clockUncertain: return [name, "–", "needs a better clock; 'fob clock sync'"]
    case .clockUnset: return [name, "–", "needs its clock set; 'fob clock sync'"]
    case .clockLost: return [name, "–", "the token lost the time; 'fob clock sync'"]
    }
  }

  /// `12 s left`
  static func left(_ validity: IssuedCode.Validity) -> String {
    "\(DurationText.of(Freshness.wholeSeconds(validity.remaining))) left"
  }

  static func json(
    _ credential: Credential, _ outcome: CalculatedCredential.Outcome
  ) -> JSON {
    var object: JSON = [
      "name": .string(credential.name.label), "type": .string(credential.typeText),
    ]
    switch outcome {
    case .code(let issued):
      object["code"] = .string(issued.text)
      if let validity = issued.validity {
        object["period"] = .integer(Int(validity.period.rawValue))
        object["validFrom"] = .integer(Int(validity.from.seconds))
        object["validUntil"] = .integer(Int(validity.until.seconds))
        object["remaining"] = .number(DurationText.seconds(validity.remaining))
        object["clockError"] = .number(DurationText.seconds(validity.bound))
      }
    case .eventBased:
      object["code"] = .null
      object["reason"] = "counts"
    case .touchNeeded:
      object["code"] = .null
      object["reason"] = "touch"
    case .clockUncertain, .clockUnset, .clockLost:
      object["code"] = .null
      object["reason"] = "clock"
    }
    return object
  }

  /// Throws when there is no code because the clock does not run.
  static func requireClock(_ all: [CalculatedCredential]) throws(FobError) {
    for item in all {
      switch item.outcome {
      case .clockUnset: throw FobError(.clockUnset)
      case .clockLost: throw FobError(.clockLost)
      case .code, .eventBased, .touchNeeded, .clockUncertain: continue
      }
    }
  }

  /// How long to wait until no code is about to end; nil if none is now.
  static func timeUntilFresh(_ all: [CalculatedCredential]) -> Microseconds? {
    all.compactMap { item -> Microseconds? in
      guard case .code(let issued) = item.outcome, let validity = issued.validity,
        validity.remaining < Freshness.margin(of: validity.period)
      else { return nil }
      return validity.remaining
    }.max()
  }
}
