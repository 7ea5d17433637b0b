import RelyingParty
import Synchronization

/// Connections to the console's database, one for each request that is being answered.
public final class PartyPool: Sendable {
  /// A connection, which belongs to one thread at a time: whoever took it out of the pool.
  private struct Lent: @unchecked Sendable {
    let party: RelyingParty
  }

  private let idle = Mutex<[Lent]>([])
  /// Makes a connection; called whenever all that are there are in use.
  private let open: @Sendable () throws(Refusal) -> RelyingParty

  /// - Parameter first: is used from now on by this pool alone, and the pattern for the others.
  public init(_ first: RelyingParty) {
    open = first.another
    idle.withLock { [first = Lent(party: first)] in $0.append(first) }
  }

  /// Has `body` use a connection that nobody else uses meanwhile.
  func lend<Result>(_ body: (RelyingParty) throws -> Result) throws -> Result {
    let lent = try idle.withLock { $0.popLast() } ?? Lent(party: open())
    defer { idle.withLock { $0.append(lent) } }
    return try body(lent.party)
  }
}
