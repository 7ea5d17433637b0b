import Loopback
import TokenClient
import TokenSimulator

@testable import Conformance

/// A token in memory, as it leaves the factory, whose time is this machine's.
func loopback() -> LoopbackTransport {
  LoopbackTransport(.memory(.new(), .real), place: "memory")
}

extension LoopbackTransport {
  var hands: SimulatorHands {
    SimulatorHands { request throws(ControlFailure) in try self.perform(request) }
  }
}

extension CheckReport {
  /// What failed and why, for a test's message.
  var failures: [String] {
    results.compactMap { result in
      guard case .failed(let deviation) = result.outcome else { return nil }
      return "\(result.id): sent \(deviation.sent); expected \(deviation.expected); "
        + "received \(deviation.received)"
    }
  }

  var skips: [String] {
    results.compactMap { result in
      guard case .skipped(let reason) = result.outcome else { return nil }
      return "\(result.id): \(reason)"
    }
  }

  func outcome(of id: String) -> CheckResult.Outcome? {
    results.first { $0.id == id }?.outcome
  }
}
