/// What may not stand in a name that is shown to a person.
enum NameCharacters {
  /// Control characters act on a terminal, line and paragraph separators break a list, changes of
  /// direction (UAX #9, 2) and what no font shows (Default_Ignorable_Code_Point, and U+2800, Braille's
  /// cell without a dot) make a name look like another one. The token's host tool shows none of them
  /// either (`HiddenCharacters` of TokenClient).
  static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20..<0x7F).contains(scalar.value) { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return true
    default:
      return scalar.properties.isDefaultIgnorableCodePoint || scalar.value == 0x2800
    }
  }
}
