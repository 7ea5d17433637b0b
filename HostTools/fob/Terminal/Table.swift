extension Console {
  /// Writes rows in columns under headings, which only a terminal gets.
  func table(_ headings: [String], _ rows: [[String]]) {
    let widths = headings.indices.map { column in
      (rows.map { Printable.columns($0[column]) } + [Printable.columns(headings[column])]).max()
        ?? 0
    }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (index, cell) in cells.enumerated() {
        text += index + 1 < cells.count ? Printable.padded(cell, to: widths[index] + 2) : cell
      }
      return text
    }
    if isDrawable { self.line(style.dim(line(headings))) }
    for row in rows { self.line(line(row)) }
  }
}
