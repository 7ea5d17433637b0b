/// How something secret is kept in the database; the number is stored with each.
enum SecretSealing: Int, Storable {
  /// As it is: what the first layout wrote. `RelyingParty.sealAnew` seals it.
  case none = 0
  /// Under `SealingKeys`.
  case sealed = 1

  var stored: StoredValue { .integer(Int64(rawValue)) }
}
