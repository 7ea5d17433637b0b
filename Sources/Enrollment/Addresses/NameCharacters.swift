/// What may not stand in a name that is shown to a person.
enum NameCharacters {
  /// Control characters act on a terminal, line and paragraph separators break a list, and the
  /// bidirectional controls (UAX #9, 2) make a name look like another one.
  static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: return true
    default: break
    }
    switch scalar.value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: return true
    default: return false
    }
  }
}
