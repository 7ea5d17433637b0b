import TokenClient
import TokenCore
import TokenSimulator

/// The hands on a simulated token, through its control channel.
public final class SimulatorHands: Hands {
  private let perform: (ControlRequest) throws(ControlFailure) -> TokenStatus
  /// How long a system between may take to find the token again.
  private static let patience = Duration.seconds(10)
  /// How the button was before.
  private var before: Button.Mode?

  /// - Parameter perform: carries out a request on the token that is checked.
  public init(_ perform: @escaping (ControlRequest) throws(ControlFailure) -> TokenStatus) {
    self.perform = perform
  }

  public func pressButton() throws(Unable) {
    try set(.automatic)
  }

  public func leaveButton() throws(Unable) {
    try set(.never)
  }

  public func replug(_ transport: any TokenTransport, holdsCredentials: Bool) throws(Unable) {
    let status = try ask(.status)
    guard status.hasBattery || !holdsCredentials else {
      throw Unable("the token has no battery, and its clock is needed")
    }
    _ = try ask(.unplug)
    transport.close()
    _ = try ask(.plug)
    try transport.reopen(within: Self.patience)
  }

  public func warp(_ length: Duration) throws(Unable) {
    let (seconds, attoseconds) = length.components
    let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    _ = try ask(.warp(Microseconds(microseconds)))
  }

  public func suspendBus() throws(Unable) {
    _ = try ask(.suspend)
  }

  public func loseClock(_ transport: any TokenTransport) throws(Unable) {
    let hadBattery = try ask(.status).hasBattery
    _ = try ask(.unplug)
    transport.close()
    _ = try ask(.battery(present: false))
    if hadBattery { _ = try ask(.battery(present: true)) }
    _ = try ask(.plug)
    try transport.reopen(within: Self.patience)
  }

  public func letGo() {
    guard let before else { return }
    _ = try? perform(.button(before))
  }

  private func set(_ mode: Button.Mode) throws(Unable) {
    if before == nil { before = try ask(.status).button }
    _ = try ask(.button(mode))
  }

  private func ask(_ request: ControlRequest) throws(Unable) -> TokenStatus {
    do throws(ControlFailure) {
      return try perform(request)
    } catch {
      throw Unable("the simulator's control channel says: \(error)")
    }
  }
}
