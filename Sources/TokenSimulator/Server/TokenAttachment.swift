import Glibc
import TokenCore

/// Another way to the token that a server runs, beside its sockets: a smart card reader, a USB bus.
///
/// The server's loop calls it, on the server's thread. Like everything in that loop, it never waits.
public protocol TokenAttachment: AnyObject {
  /// The descriptors that it waits at, and for what.
  var awaited: [pollfd] { get }

  /// Milliseconds after which it has to be served even if nothing happens; `nil` for no such time.
  var patience: Int32? { get }

  /// Does what can be done without waiting. Comes at least once in each round of the loop, right
  /// after the token has looked at its clock and its button.
  ///
  /// - Parameter ready: the descriptors at which something happened, not only its own.
  func serve(_ token: inout LiveToken, ready: Set<Int32>) throws(ImageFailure)

  /// Whether the token's reports are for it.
  var demand: ReportDemand { get }

  /// Takes a report of the token, which goes to every program at the wire as well. Comes also while
  /// the demand is `.later`, if somebody else wanted the report; never while it is `.never`.
  func take(_ report: Report)

  /// The cable was pulled, if only for a moment: what the token kept in RAM is gone.
  func tokenLeft()
}

/// Most ways to the token that are not the wire have a door of their own, and want no reports.
extension TokenAttachment {
  public var demand: ReportDemand { .never }
  public func take(_ report: Report) {}
}

/// When an attachment wants the token's reports.
public enum ReportDemand: Sendable {
  case never
  /// Not now: they stay in the token, unless somebody else wants them.
  case later
  case now
}
