import Foundation
import Synchronization

/// Does `work` for all items at once, a few at a time: most of it is waiting, which takes no processor.
///
/// - Returns: what was found wrong, in any order.
func together<Item: Sendable>(
  _ items: [Item], _ work: @escaping @Sendable (Item) throws -> String?
) -> [String] {
  let found = Mutex<[String]>([])
  let next = Mutex(0)
  let ended = DispatchSemaphore(value: 0)
  let threads = min(items.count, 8)
  for _ in 0..<threads {
    let thread = Thread {
      defer { ended.signal() }
      while true {
        let index = next.withLock { next -> Int in
          defer { next += 1 }
          return next
        }
        guard index < items.count else { return }
        do {
          if let wrong = try work(items[index]) { found.withLock { $0.append(wrong) } }
        } catch {
          found.withLock { $0.append("\(items[index]): \(error)") }
        }
      }
    }
    // As much as the main thread has: the tests' frames are not small.
    thread.stackSize = 8 << 20
    thread.start()
  }
  for _ in 0..<threads { ended.wait() }
  return found.withLock { $0 }
}
