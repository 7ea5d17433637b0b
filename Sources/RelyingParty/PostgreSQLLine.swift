import CLibPQ
import Glibc

/// The line to a PostgreSQL server: each question has an answer by its deadline, or the line is cut.
///
/// libpq's blocking calls wait for ever for a server that is paused or cut off, so everything goes
/// through its asynchronous ones. After a cut the server ends what it was doing by itself.
final class PostgreSQLLine {
  let library: libpq_library
  private let handle: OpaquePointer
  /// Warnings that the server has sent.
  private let warnings: UnsafeMutablePointer<Int32>
  private(set) var isCut = false

  /// - Parameter address: each of its hosts is tried for a few seconds.
  init(to address: PostgreSQLAddress, _ library: libpq_library) throws(Refusal) {
    guard let handle = address.connect(library) else {
      throw .storage(.unreachable(reason: String(cString: strerror(ENOMEM))))
    }
    self.library = library
    self.handle = handle
    warnings = .allocate(capacity: 1)
    warnings.pointee = 0
    guard library.status(handle) == CONNECTION_OK else {
      let reason = library.errorMessage(handle).map { String(cString: $0) } ?? ""
      let lines = reason.split(separator: "\n").map(String.init)
      throw .storage(.unreachable(reason: lines.first ?? "no answer"))
    }
    withUnsafePointer(to: library) { libpq_count_notices($0, handle, warnings) }
    _ = library.setnonblocking(handle, 1)
  }

  deinit {
    library.finish(handle)
    warnings.deallocate()
  }

  /// What the server said of itself when it let us in.
  func parameter(_ name: String) -> String {
    library.parameterStatus(handle, name).map { String(cString: $0) } ?? ""
  }

  /// Whether the server has hung up, as far as can be seen without waiting.
  var hasHungUp: Bool {
    // The first look may find the server's farewell.
    isCut || library.consumeInput(handle) != 1 || library.consumeInput(handle) != 1
      || library.status(handle) != CONNECTION_OK
  }

  func ask(_ sql: String, by deadline: Deadline) throws(Refusal) -> PostgreSQLResult {
    try answer(by: deadline) { library.sendQuery(handle, sql) }
  }

  func prepare(_ sql: String, as name: String, by deadline: Deadline) throws(Refusal) {
    _ = try answer(by: deadline) { library.sendPrepare(handle, name, sql, 0, nil) }
  }

  func askPrepared(
    _ name: String, _ values: [StoredValue], by deadline: Deadline
  ) throws(Refusal) -> PostgreSQLResult {
    try answer(by: deadline) {
      PostgreSQLValues(values).withPointers { texts, lengths, formats in
        library.sendQueryPrepared(handle, name, Int32(values.count), texts, lengths, formats, 0)
      }
    }
  }

  /// Sends, and waits for all results; the last one counts, or the first that failed.
  private func answer(
    by deadline: Deadline, _ send: () -> Int32
  ) throws(Refusal) -> PostgreSQLResult {
    guard !isCut else { throw .storage(.unreachable(reason: "the connection was lost")) }
    warnings.pointee = 0
    guard send() == 1 else { throw lost() }
    while true {
      let left = library.flush(handle)
      if left == 0 { break }
      guard left > 0 else { throw lost() }
      try wait(for: POLLIN | POLLOUT, by: deadline)
    }
    var last: PostgreSQLResult?
    while true {
      while library.isBusy(handle) == 1 { try wait(for: POLLIN, by: deadline) }
      guard let next = library.getResult(handle) else { break }
      let result = PostgreSQLResult(library, next, warnings: Int(warnings.pointee))
      if last?.failure == nil { last = result }
    }
    guard let last, library.status(handle) == CONNECTION_OK || last.failure != nil else {
      throw lost()
    }
    if let failure = last.failure {
      // The server said farewell, or what it said is not known to be its last word.
      if library.status(handle) != CONNECTION_OK || failure.endsLine { isCut = true }
      throw .storage(failure)
    }
    return last
  }

  private func wait(for events: Int32, by deadline: Deadline) throws(Refusal) {
    var descriptor = pollfd(
      fd: library.socket(handle), events: Int16(events), revents: 0)
    guard descriptor.fd >= 0 else { throw lost() }
    let ready = poll(&descriptor, 1, deadline.remaining)
    if ready < 0 && errno == EINTR { return }
    guard ready > 0 else {
      isCut = true
      throw .storage(.unreachable(reason: "no answer in time"))
    }
    if descriptor.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 {
      guard library.consumeInput(handle) == 1 else { throw lost() }
    }
  }

  private func lost() -> Refusal {
    isCut = true
    return .storage(.unreachable(reason: "the connection was lost"))
  }
}

/// What the server answered.
final class PostgreSQLResult {
  let library: libpq_library
  let handle: OpaquePointer
  /// Warnings that came with it.
  let warnings: Int

  fileprivate init(_ library: libpq_library, _ handle: OpaquePointer, warnings: Int) {
    self.library = library
    self.handle = handle
    self.warnings = warnings
  }

  deinit { library.clear(handle) }

  var count: Int { Int(library.ntuples(handle)) }
  /// Rows that were changed.
  var changed: Int { library.cmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }
  /// The command that was carried out, such as "COMMIT".
  var command: String { library.cmdStatus(handle).map { String(cString: $0) } ?? "" }

  func row(_ index: Int) -> PostgreSQLRow {
    PostgreSQLRow(result: self, row: Int32(index))
  }

  /// Nil if it is none.
  var failure: StorageFailure? {
    let status = library.resultStatus(handle)
    if status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return nil }
    // The primary message names tables and columns, never values.
    func field(_ code: Int32) -> String? {
      library.resultErrorField(handle, code).map { String(cString: $0) }
    }
    guard let state = field(libpq_field_sqlstate) else {
      return .unreachable(reason: "the connection was lost")
    }
    return PostgreSQLConnection.failure(state, field(libpq_field_message) ?? "no reason")
  }
}
