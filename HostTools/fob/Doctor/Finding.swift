import JSON

/// What one check of `fob doctor` found, and what to do about it.
struct Finding: Equatable {
  /// In the order in which they are made: each needs what those before it found.
  enum Check: String, CaseIterable {
    case library, kernel, rule, device, permission, answer, clock

    /// What `fob` ends with when this is the last check that failed.
    var status: ExitStatus {
      switch self {
      case .library, .kernel, .rule: .failed
      case .device, .permission: .noToken
      case .answer: .disconnected
      case .clock: .clock
      }
    }
  }

  enum Verdict: String, CaseIterable {
    case ok
    /// Nothing is in the way, but the person may want to know.
    case note
    case failed
  }

  let check: Check
  let verdict: Verdict
  /// Neither a capital at its start nor a full stop at its end.
  let observation: String
  /// Whole sentences; nil where there is nothing to do.
  var advice: String?

  static func ok(_ check: Check, _ observation: String) -> Finding {
    Finding(check: check, verdict: .ok, observation: observation)
  }

  static func note(_ check: Check, _ observation: String, _ advice: String? = nil) -> Finding {
    Finding(check: check, verdict: .note, observation: observation, advice: advice)
  }

  static func failed(_ check: Check, _ observation: String, _ advice: String) -> Finding {
    Finding(check: check, verdict: .failed, observation: observation, advice: advice)
  }

  var json: JSON {
    var object: JSON = [
      "check": .string(check.rawValue), "verdict": .string(verdict.rawValue),
      "observation": .string(observation),
    ]
    if let advice { object["advice"] = .string(advice) }
    return object
  }

  /// A line, and below it the advice.
  func text(width: Int) -> String {
    let column = 20
    let lines = [observation, advice ?? ""].flatMap {
      Wrapping.wrap($0, width: max(20, width - column)).split(separator: "\n")
    }
    let head =
      Printable.padded(verdict == .failed ? "FAILED" : verdict.rawValue, to: 8)
      + Printable.padded(check.rawValue, to: column - 8)
    return head + lines.joined(separator: "\n" + String(repeating: " ", count: column))
  }
}
