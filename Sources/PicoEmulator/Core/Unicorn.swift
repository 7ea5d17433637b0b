import CUnicorn

/// Libunicorn (Debian's libunicorn2), which interprets the instructions. It is loaded when it is first
/// asked for.
enum Unicorn {
  /// `nil` if it is not installed.
  ///
  /// It is written once, before anybody sees it, and holds nothing but the addresses of functions.
  nonisolated(unsafe) static let library: UnsafePointer<unicorn_library>? = {
    let library = UnsafeMutablePointer<unicorn_library>.allocate(capacity: 1)
    library.initialize(to: unicorn_library())
    return unicorn_load(library) ? UnsafePointer(library) : nil
  }()
}
