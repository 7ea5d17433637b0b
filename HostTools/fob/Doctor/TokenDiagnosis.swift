import TokenClient
import TokenCore

/// Whether a token that is plugged in answers, and what its clock says.
enum TokenDiagnosis {
  /// Bytes that are sent to and fro: several reports' worth.
  private static let pingSize = 300

  /// - Parameters:
  ///   - serialNumber: the one that the token gives on USB.
  static func findings(
    over transport: any TokenTransport, serialNumber: String?
  ) -> [Finding] {
    let name = Printable.text(transport.place)
    do throws(TokenFailure) {
      let session = try TokenSession(over: transport)
      defer { session.close() }
      try session.ping((0..<pingSize).map { UInt8(truncatingIfNeeded: $0) })
      let information = try session.information()
      let answer = answer(
        of: name, information, session.framing.deviceVersion, serialNumber: serialNumber)
      guard session.selection != nil else {
        return [
          answer,
          .failed(.answer, "the memory of \(name) failed", TokenFailure.memoryFailed.description),
        ]
      }
      return [answer, clock(of: name, try session.clockStatus())]
    } catch {
      let advice = error.description
      return [.failed(.answer, "\(name) does not answer as it should", advice)]
    }
  }

  private static func answer(
    of name: String, _ information: TokenInformation, _ version: DeviceVersion,
    serialNumber: String?
  ) -> Finding {
    let own = information.serialNumber.text
    if let serialNumber, serialNumber.lowercased() != own {
      return .note(
        .answer, "\(name) answers, and calls itself \(own)",
        "What a token says on USB and what it says itself should be the same.")
    }
    let body =
      switch information.body {
      case .hardware: "hardware"
      case .simulated: "a simulated token: software, no hardware"
      case .emulated: "an emulated token: no hardware"
      }
    return .ok(.answer, "\(name) answers: \(body), firmware \(version)")
  }

  private static func clock(of name: String, _ status: ClockStatus) -> Finding {
    guard let reading = status.reading else {
      switch status.state {
      case .lost:
        return .failed(
          .clock, "the clock of \(name) lost the time", TokenFailure.clockLost.description)
      case .unset, .running:
        return .note(.clock, "the clock of \(name) was never set; 'fob clock sync' sets it")
      }
    }
    let words = "the clock of \(name) runs, \(ClockText.difference(reading))"
    guard reading.difference.magnitude >= ClockCare.worrying else { return .ok(.clock, words) }
    return .failed(
      .clock, words,
      "Check this computer's clock (timedatectl); if it is the token's that is wrong, "
        + "'fob help clock sync' says what to do.")
  }
}
