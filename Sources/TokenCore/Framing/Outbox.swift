/// Short answers that wait for the host to fetch them: INIT responses, errors, keep-alives.
///
/// Four at most: a host that does not read loses the oldest, never the token's attention.
struct Outbox {
  private var reports: InlineArray<4, Report> = InlineArray(repeating: Report())
  private var first = 0
  private(set) var count = 0

  mutating func append(_ report: Report) {
    if count == reports.count { _ = removeFirst() }
    reports[(first + count) % reports.count] = report
    count += 1
  }

  mutating func removeAll() {
    count = 0
  }

  mutating func removeFirst() -> Report? {
    guard count > 0 else { return nil }
    let report = reports[first]
    first = (first + 1) % reports.count
    count -= 1
    return report
  }
}
