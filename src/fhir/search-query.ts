/** The neutral query that the facade's parser makes and stores execute. */
export interface SearchQuery {
  readonly type: string;
}
