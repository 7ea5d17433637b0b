/// What has to happen however a command ends: normally, with an error, or by a signal, which is held
/// back while there is anything here.
final class Endings {
  private var tasks: [Int: () -> Void] = [:]
  private var last = 0

  /// Notes `task` to be done at the end.
  ///
  /// - Returns: a number to take it off again with `done`.
  func add(_ task: @escaping () -> Void) -> Int {
    SignalHold.begin()
    last += 1
    tasks[last] = task
    return last
  }

  /// The task was done earlier.
  func done(_ number: Int) {
    tasks[number] = nil
  }

  /// Does what is left to be done, the last first, and lets the signals through again.
  func run() {
    for number in tasks.keys.sorted(by: >) { tasks.removeValue(forKey: number)?() }
    SignalHold.release()
  }
}
