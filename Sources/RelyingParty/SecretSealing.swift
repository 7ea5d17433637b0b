/// How something secret is kept in the database; the number is stored with each. Nothing is taken that
/// is not sealed: whoever can write the database, but not seal, could put their own key there.
enum SecretSealing: Int, Storable {
  /// Under `SealingKeys`.
  case sealed = 1

  var stored: StoredValue { .integer(Int64(rawValue)) }
}
