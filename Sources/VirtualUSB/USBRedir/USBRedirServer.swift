import Glibc
import TokenCore
import TokenSimulator

/// A simulated token's device for a virtual machine, over usbredir. It is another way to a token that
/// a `SimulatorServer` runs.
public final class USBRedirServer: TokenAttachment {
  private let link: USBRedirLink<USBPort>

  /// - Parameter onEvent: called on the server's thread.
  public init(
    _ place: USBRedirPlace, identity: USBIdentity, recorder: USBRecorder? = nil,
    onEvent: @escaping (BusEvent) -> Void = { _ in }
  ) throws(ServerFailure) {
    link = try USBRedirLink(place, USBPort(identity, recorder: recorder), onEvent: onEvent)
  }

  public var awaited: [pollfd] { link.awaited }
  public var patience: Int32? { link.session.port.hasBusChanged ? 0 : link.patience }

  public func serve(_ token: inout LiveToken, ready: Set<Int32>) throws(ImageFailure) {
    link.setPlugged(token.isPlugged)
    link.receive(ready)
    link.session.port.tellBusChange(to: &token)
    // One report at a time, so that the token's answer is asked for before the next.
    if let output = link.session.nextOutput() { token.receive(output) }
    link.flush()
    // The guest may have gone just now.
    link.session.port.tellBusChange(to: &token)
  }

  public var demand: ReportDemand {
    guard link.hasGuest, link.session.isListening else { return .never }
    return link.session.wantsInput && link.hasRoom ? .now : .later
  }

  public func take(_ report: Report) {
    link.session.offer(report)
    link.flush()
  }

  public func tokenLeft() {
    link.setPlugged(false)
    link.flush()
  }
}
