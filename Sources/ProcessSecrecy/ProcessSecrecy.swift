import Glibc

/// What a process that handles secrets asks of the system when it starts.
public enum ProcessSecrecy {
  /// Has no image of this process's memory written to a disk when it crashes (RLIMIT_CORE), and lets no
  /// other process of the same user look into it (PR_SET_DUMPABLE, which also forbids ptrace(2)).
  ///
  /// The limit is the soft one alone: a program that this one runs may set it again.
  public static func begin() {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_CORE.rawValue)
    if getrlimit(resource, &limit) == 0 {
      limit.rlim_cur = 0
      setrlimit(resource, &limit)
    }
    // The C function takes arguments without fixed types, which Swift does not call by itself.
    typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    guard let symbol = dlsym(nil, "prctl") else { return }
    _ = unsafeBitCast(symbol, to: Control.self)(setDumpable, 0, 0, 0, 0)
  }

  /// PR_SET_DUMPABLE of linux/prctl.h.
  private static let setDumpable: Int32 = 4
}
