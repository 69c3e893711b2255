/** What became of messages that were to be brought into a restored installation. */
export interface TakenMessages {
  /** Brought in. */
  taken: number;
  /** There already. */
  known: number;
  /** Of tenants whose keys the restored registry does not have. */
  ofUnknownTenants: number;
  /** Parked or unmapped messages that were released since the backup, and are unsettled again. */
  released: number;
}
