import Glibc
import RelyingParty

/// Connections to the console's database, one for each request that is being answered.
///
/// There is a limit to how many there are, to how many requests wait for one, and to how long a request
/// takes; beyond each a request is refused, so that a database which does not answer takes down
/// nothing but what needs it.
public final class PartyPool: @unchecked Sendable {
  public struct Limits: Sendable {
    /// Connections at a time.
    public var connections = 16
    /// Requests that wait for one.
    public var waiting = 64
    /// Milliseconds that a request may take for the database.
    public var patience: Int64 = 10_000
    /// The same while the last one found that the database does not answer.
    public var impatience: Int64 = 2_000

    public init() {}
  }

  private let limits: Limits
  /// Makes a connection; called whenever all that are there are in use.
  private let open: @Sendable () throws(Refusal) -> RelyingParty

  // What the lock is for.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let returned: UnsafeMutablePointer<pthread_cond_t>
  private var idle: [RelyingParty]
  private var lent = 0
  private var waiting = 0
  private var isSilent = false

  /// - Parameter first: is used from now on by this pool alone, and the pattern for the others.
  public init(_ first: RelyingParty, limits: Limits = Limits()) {
    self.limits = limits
    open = first.another
    idle = [first]
    lock = .allocate(capacity: 1)
    returned = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    pthread_cond_init(returned, nil)
  }

  deinit {
    pthread_cond_destroy(returned)
    pthread_mutex_destroy(lock)
    returned.deallocate()
    lock.deallocate()
  }

  /// Has `body` use a connection that nobody else uses meanwhile.
  func lend<Result>(_ body: (RelyingParty) throws -> Result) throws -> Result {
    let patience = locked { isSilent ? limits.impatience : limits.patience }
    let begun = Self.now()
    guard let place = take(within: patience) else {
      throw Refusal.storage(.busy)
    }
    var party = place.party
    defer { giveBack(party) }
    do {
      let opened = try party ?? open()
      party = opened
      defer { locked { isSilent = opened.isSilent } }
      // One time for waiting and asking together.
      let left = max(patience - (Self.now() - begun), limits.impatience / 2)
      return try opened.within(milliseconds: left, body)
    } catch let refusal as Refusal where party == nil {
      locked { isSilent = refusal.isSilence }
      throw refusal
    }
  }

  /// Milliseconds of a clock that nobody sets.
  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  // MARK: Places

  /// A place among the connections; `party` is nil if one has to be opened for it.
  private struct Place {
    let party: RelyingParty?
  }

  private func take(within patience: Int64) -> Place? {
    var end = timespec()
    clock_gettime(CLOCK_REALTIME, &end)
    end.tv_sec += Int(patience / 1000)
    return locked {
      if lent >= limits.connections {
        guard waiting < limits.waiting else { return nil }
        waiting += 1
        defer { waiting -= 1 }
        while lent >= limits.connections {
          if pthread_cond_timedwait(returned, lock, &end) == ETIMEDOUT { return nil }
        }
      }
      lent += 1
      return Place(party: idle.popLast())
    }
  }

  private func giveBack(_ party: RelyingParty?) {
    locked {
      lent -= 1
      if let party { idle.append(party) }
      pthread_cond_signal(returned)
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}
