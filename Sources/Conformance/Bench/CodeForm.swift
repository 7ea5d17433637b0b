import TokenCore

/// How a command that computes codes is asked: its P2.
struct CodeForm {
  /// Whether for the full HMAC.
  var isFull = false
  /// Whether for the token's own answer, which says its time and what is the matter with its clock.
  var isOwn = false

  var p2: UInt8 { (isFull ? 0 : 1) | (isOwn ? AppletLimits.ownAnswer : 0) }

  static let all = [false, true].flatMap { isFull in
    [false, true].map { CodeForm(isFull: isFull, isOwn: $0) }
  }

  /// The field with a code.
  func code(of sample: Sample, at factor: UInt64) -> Field {
    isFull
      ? Field(.response, sample.full(at: factor))
      : Field(.truncatedResponse, sample.truncated(at: factor))
  }

  /// How a refusal looks, whose own word is `word`: YKOATH's clients know one word for all of them.
  func refusal(_ word: StatusWord) -> StatusWord { isOwn ? word : .securityStatusNotSatisfied }
}
