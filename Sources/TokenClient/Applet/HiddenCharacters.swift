/// What a person does not see, or sees as something else, in a name.
public enum HiddenCharacters {
  /// Whether `scalar` may not stand in a name: controls, separators of lines, formats, changes of
  /// direction, what no font shows (Default_Ignorable_Code_Point, U+2800), and what has no
  /// meaning yet.
  public static func contain(_ scalar: Unicode.Scalar) -> Bool {
    if (0x20..<0x7F).contains(scalar.value) { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
      .unassigned:
      return true
    default:
      // U+2800 is a symbol, Braille's cell without a dot.
      return scalar.properties.isDefaultIgnorableCodePoint || scalar.value == 0x2800
    }
  }
}
