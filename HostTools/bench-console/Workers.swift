import CCrypt
import Glibc
import RelyingParty

/// Threads that log in at the same time, each with a connection of its own.
final class Workers: @unchecked Sendable {
  private let store: Store
  private let tickets: [LoginTicket]
  private let first: Int
  private var lock = pthread_mutex_t()
  private var next = 0
  private var nanoseconds: [UInt64] = []
  private var failures = 0

  init(store: Store, tickets: [LoginTicket], first: Int) {
    self.store = store
    self.tickets = tickets
    self.first = first
    pthread_mutex_init(&lock, nil)
  }

  func run(_ count: Int) -> Latency {
    var threads = [pthread_t](repeating: 0, count: count)
    let started = Latency.now()
    for index in threads.indices {
      pthread_create(
        &threads[index], nil,
        { context in
          Unmanaged<Workers>.fromOpaque(context!).takeUnretainedValue().work()
          return nil
        }, Unmanaged.passUnretained(self).toOpaque())
    }
    for thread in threads { pthread_join(thread, nil) }
    return Latency(nanoseconds, total: Latency.now() - started, failures: failures)
  }

  private func work() {
    guard let party = try? store.open() else {
      locked { failures += 1 }
      return
    }
    while let index = take() {
      let code = Holder(first + index).code()
      let started = Latency.now()
      do {
        _ = try party.logIn(tickets[index], code: code)
        let length = Latency.now() - started
        locked { nanoseconds.append(length) }
      } catch {
        BenchConsole.complain("\(error)")
        locked { failures += 1 }
      }
    }
  }

  private func take() -> Int? {
    locked {
      guard next < tickets.count else { return nil }
      next += 1
      return next - 1
    }
  }

  private func locked<T>(_ body: () -> T) -> T {
    pthread_mutex_lock(&lock)
    defer { pthread_mutex_unlock(&lock) }
    return body()
  }
}

/// How long logins took.
struct Latency {
  /// Logins a second, the median and the 99th percentile in microseconds, and how many failed.
  let line: String

  init(_ nanoseconds: [UInt64], total: UInt64, failures: Int) {
    let sorted = nanoseconds.sorted()
    func percentile(_ part: Int) -> UInt64 {
      sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * part / 100)] / 1000
    }
    let rate = UInt64(sorted.count) * 1_000_000_000 / max(1, total)
    line = "\(rate) \(percentile(50)) \(percentile(99)) \(failures)"
  }

  /// Nanoseconds of a clock that only goes forward.
  static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// crypt(5) of the system.
enum Crypt {
  /// yescrypt at its lowest cost.
  static func hash(_ phrase: String) -> String {
    var data = crypt_data()
    guard let setting = crypt_gensalt("$y$", 1, nil, 0) else { return "" }
    return String(cString: crypt_r(phrase, setting, &data))
  }
}
